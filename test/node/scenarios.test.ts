// Each scenario strikes as its name says, and ends when the faults are cleared.
import { afterAll, expect, test } from 'vitest'
import { SCENARIOS, type Scenario } from '../../src/node/library/scenarios.ts'
import { startTestTenant } from '../../src/node/library/start-test-tenant.ts'
import type { TestTenant } from '../../src/node/library/test-tenant.ts'
import { repository } from '../../src/node/local/repository.ts'

const root = await startTestTenant(repository)
afterAll(() => root.stop())

type Met = [status: number | 'none', retryAfter: string | null, body?: unknown]

async function send(url: string, init: RequestInit): Promise<Met> {
  const response = await fetch(url, init).catch(() => undefined)
  if (!response) return ['none', null]
  const text = await response.text()
  return [
    response.status,
    response.headers.get('retry-after'),
    text.startsWith('{"error"') ? JSON.parse(text) : undefined,
  ]
}

/** A read, a write and a token request. */
async function meet(tenant: TestTenant): Promise<[read: Met, write: Met, token: Met]> {
  const authorization = `Bearer ${await tenant.token()}`
  const [client] = tenant.clients
  const json = { partitionGlobalId: tenant.id, settings: [{ key: 'A', value: '1' }] }
  const form = { grant_type: 'client_credentials', client_id: client?.id ?? '', client_secret: client?.secret ?? '' }
  return [
    await send(`${tenant.url}/identity_/api/Group/${tenant.id}`, { headers: { authorization } }),
    await send(`${tenant.url}/identity_/api/Setting`, {
      ...{ method: 'PUT', headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify(json) },
    }),
    await send(`${tenant.url}/identity_/connect/token`, { method: 'POST', body: new URLSearchParams(form) }),
  ]
}

const WELL: [Met, Met, Met] = [
  [200, null, undefined],
  [200, null, undefined],
  [200, null, undefined],
]
const [READ, WRITE] = WELL
const AWAY: Met = [503, '2', undefined]
const refused = (error: string): [Met, Met, Met] => [READ, WRITE, [400, null, { error }]]

const MET: Readonly<Record<Scenario, readonly Met[]>> = {
  // 300 GET in five minutes: the first three requests are let through.
  throttled: WELL,
  unavailable: [AWAY, AWAY, AWAY],
  unreachable: [
    ['none', null],
    ['none', null],
    ['none', null],
  ],
  'read-only': [READ, AWAY, AWAY],
  // One in five, by the seed: of the first three, the second.
  flaky: [READ, [500, null, undefined], READ],
  slow: WELL,
  'invalid-scope': refused('invalid_scope'),
  'invalid-client': refused('invalid_client'),
}

test.each(Object.keys(SCENARIOS).filter((name): name is Scenario => Object.hasOwn(SCENARIOS, name)))(
  '%s',
  async (name) => {
    const tenant = await root.fork()
    const faults = await tenant.scenario(name)
    expect(await meet(tenant)).toEqual(MET[name])
    const hits = await Promise.all(faults.map((fault) => fault.hits()))
    expect(hits.reduce((sum, count) => sum + count)).toBeGreaterThan(0)
    await tenant.faults.clear()

    expect(await meet(tenant)).toEqual(WELL)
  },
)

test('throttled lets 300 reads through, and says when to come again; flaky fails one in five, the same ones each time', async () => {
  const [one, other] = [await root.fork(), await root.fork()]
  const reads = async (tenant: TestTenant, count: number) => {
    const init = { headers: { authorization: `Bearer ${await tenant.token()}` } }
    const met: Met[] = []
    for (let index = 0; index < count; index += 1)
      met.push(await send(`${tenant.url}/identity_/api/Group/${tenant.id}`, init))
    return met
  }
  await one.scenario('throttled')
  const throttled = await reads(one, 301)
  expect(throttled.filter(([status]) => status === 200)).toHaveLength(300)
  expect(throttled.at(-1)).toEqual([429, expect.stringMatching(/^\d+$/), undefined])
  await one.faults.clear()
  await one.scenario('flaky')
  await other.scenario('flaky')
  const statuses = (await reads(one, 100)).map(([status]) => status)

  expect(statuses.filter((status) => status === 500).length).toBeGreaterThan(5)
  expect((await reads(other, 100)).map(([status]) => status)).toEqual(statuses)
})
