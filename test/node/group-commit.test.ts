// Writers of a running tenant whose writes share transactions, some of whom hang up: nobody waits for one who is gone.
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { cleanUp, newPlace, processesOf, processOf, type ReadyTenant, startTenant, untilGone } from './command.ts'

afterEach(cleanUp)

const API = '/hogwarts/identity_/api/Setting'

it('answers 600 writers of whom a third hang up, and what it answered survives kill -9 of everything', async () => {
  const place = await newPlace()
  const tenant = await startTenant(place)
  const answered: number[] = []
  for (let round = 0; round < 10; round++) {
    const writers = Array.from({ length: 60 }, (_, index) => round * 60 + index)
    const quitters = writers.filter((writer) => writer % 3 === 0)
    const stayers = writers.filter((writer) => writer % 3 !== 0)
    const gone = quitters.map((writer) => writeAndHangUp(tenant, writer, writer % 7))
    const statuses = await Promise.all(stayers.map((writer) => write(tenant, writer)))
    await Promise.all(gone)

    expect(statuses).toEqual(stayers.map(() => 200))
    answered.push(...stayers)
  }
  const processes = await processesOf(tenant)
  process.kill(-tenant.group, 'SIGKILL')
  await untilGone(processes, place)
  const again = await startTenant(place)
  const keys = answered.map((writer) => `key=K${writer}`)

  for (let begin = 0; begin < keys.length; begin += 50) {
    const url = `${again.url}${API}?partitionGlobalId=magic-7&${keys.slice(begin, begin + 50).join('&')}`
    const response = await fetch(url, { headers: { authorization: `Bearer ${again.token}` } })
    expect(await response.json()).toHaveLength(Math.min(50, keys.length - begin))
  }
})

it('goes on after everything has stood still for longer than writes wait', async () => {
  const place = { ...(await newPlace()), D1_DEADLINE_MS: '1000' }
  const tenant = await startTenant(place)
  const runtime = await processOf(tenant, 'workerd')
  for (let round = 0; round < 3; round++) {
    const writers = Array.from({ length: 20 }, (_, index) => write(tenant, round * 100 + index))
    process.kill(runtime, 'SIGSTOP')
    await sleep(1500)
    process.kill(runtime, 'SIGCONT')
    await Promise.all(writers)

    await expect.poll(() => write(tenant, round * 100 + 99), { timeout: 30_000 }).toBe(200)
    const statuses = await Promise.all(
      Array.from({ length: 20 }, (_, index) => write(tenant, round * 100 + 50 + index)),
    )
    expect(statuses).toEqual(statuses.map(() => 200))
  }
})

const bodyOf = (writer: number) =>
  JSON.stringify({ partitionGlobalId: 'magic-7', settings: [{ key: `K${writer}`, value: String(writer) }] })

const headersOf = ({ token }: ReadyTenant) => ({
  authorization: `Bearer ${token}`,
  'content-type': 'application/json',
})

async function write(tenant: ReadyTenant, writer: number): Promise<number> {
  const signal = AbortSignal.timeout(10_000)
  const init = { method: 'PUT', headers: headersOf(tenant), body: bodyOf(writer), signal }
  const response = await fetch(tenant.url + API, init)
  await response.text()
  return response.status
}

async function writeAndHangUp(tenant: ReadyTenant, writer: number, afterMs: number): Promise<void> {
  const call = request(tenant.url + API, { method: 'PUT', headers: headersOf(tenant), agent: false })
  call.on('error', () => {})
  call.end(bodyOf(writer))
  await sleep(afterMs)
  call.destroy()
}
