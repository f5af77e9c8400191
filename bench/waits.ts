// `npm run bench:waits`: the longest that calls of one tenant wait while large ones of others are worked on, one of them, and several
// at once, in milliseconds. The calls come from a thread of their own: this one parses and writes what the work needs.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { startTestTenant } from '../src/node/library/start-test-tenant.ts'
import type { TestTenant } from '../src/node/library/test-tenant.ts'
import { repository } from '../src/node/local/repository.ts'

const USERS = 10_000
const SEVERAL = 6
const SEED = { users: Array.from({ length: USERS }, (_, n) => ({ userName: `user-${n}` })) }

const WORKS: Record<string, (tenant: TestTenant) => Promise<unknown>> = {
  load: (tenant) => tenant.load(SEED),
  snapshot: (tenant) => tenant.snapshot(),
  restore: (tenant) => tenant.restore(),
  dump: (tenant) => tenant.dump(),
  'fork and its dump': async (tenant) => {
    const fork = await tenant.fork()
    await fork.dump()
    await fork.stop()
  },
  reset: (tenant) => tenant.reset(),
}

/** Calls again and again, and posts the longest wait since it was last asked for it. */
async function callForever({ url, token, id }: { url: string; token: string; id: string }): Promise<never> {
  let longest = 0
  parentPort?.on('message', () => {
    parentPort?.postMessage(longest)
    longest = 0
  })
  const path = `${url}/identity_/api/Setting?partitionGlobalId=${id}&key=Email.Smtp.Host`
  for (;;) {
    const begin = performance.now()
    const response = await fetch(path, { headers: { Authorization: `Bearer ${token}` } })
    await response.arrayBuffer()
    if (response.status !== 200) throw new Error(`a call is answered ${response.status}`)
    longest = Math.max(longest, performance.now() - begin)
    await sleep(1)
  }
}

async function measure(): Promise<void> {
  await using tenant = await startTestTenant(repository)
  const other = await tenant.fork({ journal: false })
  const large = await Promise.all(Array.from({ length: SEVERAL }, () => tenant.fork({ journal: false })))
  const { url, id } = other
  const calls = new Worker(import.meta.filename, { workerData: { url, id, token: await other.token() } })
  const longestWait = async (): Promise<number> => {
    calls.postMessage('longest')
    const [longest] = await once(calls, 'message')
    return Number(longest)
  }
  console.log(`${USERS} users`.padEnd(20), 'one'.padStart(6), `${SEVERAL} at once`.padStart(10))
  for (const [name, work] of Object.entries(WORKS)) {
    const waits: number[] = []
    for (const count of [1, SEVERAL]) {
      // What the last work has left to do goes on behind its answer.
      await sleep(1000)
      await longestWait()
      await Promise.all(large.slice(0, count).map(work))
      waits.push(await longestWait())
    }
    const [one = 0, several = 0] = waits
    console.log(name.padEnd(20), one.toFixed(0).padStart(6), several.toFixed(0).padStart(10))
  }
  await calls.terminate()
}

await (isMainThread ? measure() : callForever(workerData))
