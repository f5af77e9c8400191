// A D1 that refuses, hangs, answers late or fails in the middle: 503 with what is known of the outcome, nothing half
// written, and the next request finds everything as it is.
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { keyRing } from '../../src/auth/keys.ts'
import { embed } from '../../src/embedded/embedded-d1.ts'
import embedded from '../../src/embedded/index.ts'
import deployed from '../../src/index.ts'
import type { Setting } from '../../src/settings/setting.schema.ts'
import { FailingD1, type Fault } from '../support/failing-d1.ts'
import { adminOf, answer, createPartition, ORIGIN, user } from '../support/tenant.ts'

const DEADLINE = 150

afterEach(() => {
  vi.useRealTimers()
})

/** A partition, and calls to a Worker whose database can be made to fail. */
async function open(kind: 'deployed' | 'embedded', { keys = true } = {}) {
  const member = crypto.randomUUID()
  const partition = await createPartition({ entities: [user(member)] })
  const token = await adminOf(partition)
  const d1 = new FailingD1(env.DB)
  const bindings = {
    ...env,
    DB: d1,
    D1_DEADLINE_MS: String(DEADLINE),
  }
  const worker = kind === 'embedded' ? embedded : deployed
  if (keys) await keyRing(kind === 'embedded' ? embed(bindings) : bindings)
  const call = async (method: string, path: string, json?: unknown) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
    const body = json === undefined ? null : JSON.stringify(json)
    // Not waited for beyond the answer: what hangs would never end.
    return worker.fetch(
      new Request(`${ORIGIN}/identity_${path}`, { method, headers, body }),
      bindings,
      createExecutionContext(),
    )
  }
  const put = (settings: Record<string, string>) =>
    call('PUT', '/api/Setting', {
      partitionGlobalId: partition,
      settings: Object.entries(settings).map(([key, value]) => ({ key, value })),
    })
  // Not in the order in which they are written: that would be answered without the database.
  const read = () => call('GET', `/api/Setting?partitionGlobalId=${partition}&key=b&key=a`)
  const values = async () => {
    const settings = await answer<Setting[]>(await read())
    return Object.fromEntries(settings.map(({ key, value }) => [key, value]))
  }
  await answer(await put({ a: '1', b: '1' }))
  return { partition, member, d1, call, put, read, values }
}

async function unavailable(response: Response): Promise<string> {
  const problem = await answer<Record<string, unknown>>(response, 503)
  expect(response.headers.get('Retry-After')).toMatch(/^[1-9]\d*$/)
  expect(response.headers.get('Content-Type')).toBe('application/problem+json; charset=utf-8')
  expect(Object.keys(problem)).toEqual(['type', 'title', 'status', 'detail', 'traceId'])
  return String(problem['detail'])
}

const NOTHING = /Nothing was changed/
const UNKNOWN = /not known/

/** What a write comes to: what is said of it, and what is there once the database is back. */
const faults: [Fault, RegExp, '1' | '2'][] = [
  ['refuse', NOTHING, '1'],
  ['rows', NOTHING, '1'],
  ['full', NOTHING, '1'],
  ['middle', NOTHING, '1'],
  ['lost', UNKNOWN, '2'],
  ['hang', UNKNOWN, '1'],
  ['late', UNKNOWN, '2'],
  ['later', UNKNOWN, '2'],
]

describe.each(['deployed', 'embedded'] as const)('%s', (kind) => {
  test.each(faults)('a write that meets `%s` is 503, whole or not at all, and said so', async (fault, said, value) => {
    const { d1, put, values } = await open(kind)
    expect(await values()).toEqual({ a: '1', b: '1' })
    d1.fail(fault)
    expect(await unavailable(await put({ a: '2', b: '2' }))).toMatch(said)
    await d1.recover()
    expect(await values()).toEqual({ a: value, b: value })
    await answer(await put({ a: '3', b: '3' }))
    expect(await values()).toEqual({ a: '3', b: '3' })
  })

  test.each(faults)('a read that meets `%s` is 503 and the next one is answered', async (fault) => {
    const { d1, call, partition, read } = await open(kind)
    d1.fail(fault)
    expect(await unavailable(await read())).toMatch(NOTHING)
    expect(await unavailable(await call('GET', `/api/Group/${partition}`))).toMatch(NOTHING)
    await d1.recover()
    expect(await answer(await call('GET', `/api/Group/${partition}`))).toHaveLength(5)
    expect(await answer(await read())).toHaveLength(2)
  })

  test.each(faults)(
    'a group and its members are made together or not, though it meets `%s`',
    async (fault, _, value) => {
      const { d1, call, partition, member } = await open(kind)
      d1.fail(fault)
      const id = crypto.randomUUID()
      const json = { partitionGlobalId: partition, id, name: 'Fresh', directoryUserMemberIDs: [member] }
      await unavailable(await call('POST', '/api/Group', json))
      await d1.recover()
      const group = await call('GET', `/api/Group/${partition}/${id}`)
      expect(group.status).toBe(value === '2' ? 200 : 404)
      if (group.status === 200) expect((await answer<{ members: unknown[] }>(group)).members).toHaveLength(1)
    },
  )

  test("beyond the free plan's rows of the day it names the plan and sends everybody to midnight UTC", async () => {
    const { d1, put } = await open(kind)
    d1.fail('rows')
    const now = new Date()
    vi.useFakeTimers({ toFake: ['Date'], now })
    const response = await put({ a: '2' })
    const untilMidnight = new Date(now).setUTCHours(24, 0, 0, 0) - now.getTime()
    expect(response.headers.get('Retry-After')).toBe(String(Math.ceil(untilMidnight / 1000)))
    expect(await unavailable(response)).toContain("Cloudflare's free plan")
  })

  test('20 writers that meet a database that hangs are all 503 after ten deadlines, and 20 after it are all written', async () => {
    const { d1, put, values } = await open(kind)
    d1.fail('hang')
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
    const writers = Array.from({ length: 20 }, (_, index) => put({ a: `stuck ${index}` }))
    // Each waits for the database or for its turn there. From here on only this clock moves them.
    while (vi.getTimerCount() < writers.length) await scheduler.wait(1)
    await vi.advanceTimersByTimeAsync(DEADLINE * 10)
    for (const response of await Promise.all(writers)) await unavailable(response)
    vi.useRealTimers()
    await d1.recover()
    const after = await Promise.all(Array.from({ length: 20 }, (_, index) => put({ a: `${index}`, b: `${index}` })))
    for (const response of after) await answer(response)
    const { a, b } = await values()
    expect(a).toBe(b)
  })

  test('the signing key is loaded once the database is back', async () => {
    const { d1, read } = await open(kind, { keys: false })
    d1.fail('refuse')
    await unavailable(await read())
    await d1.recover()
    await answer(await read())
  })
})

test('an embedded reader never sees a late write undone, nor what is older than it', async () => {
  const { d1, put, values } = await open('embedded')
  d1.fail('later')
  await unavailable(await put({ a: '2', b: '2' }))
  // The write goes on while others read.
  const over = d1.recover()
  const seen: string[] = []
  for (let round = 0; round < 20; round++) seen.push((await values())['a'] ?? '')
  await over
  seen.push((await values())['a'] ?? '')
  expect(seen.toSorted()).toEqual(seen)
  expect(seen.at(-1)).toBe('2')
})

test('the token endpoint is 503 while the database is gone', async () => {
  const d1 = new FailingD1(env.DB)
  const bindings = { ...env, DB: d1 }
  d1.fail('refuse')
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'host-admin',
    client_secret: 'host-admin-secret',
  })
  const ask = () =>
    deployed.fetch(
      new Request(`${ORIGIN}/identity_/connect/token`, { method: 'POST', body }),
      bindings,
      createExecutionContext(),
    )
  await unavailable(await ask())
  d1.recover()
  await answer(await ask())
})
