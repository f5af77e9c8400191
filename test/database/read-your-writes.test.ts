// Reads near the client: replicas that lag by five seconds, eight isolates, clients with and without bookmarks.
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { keyRing } from '../../src/auth/keys.ts'
import worker from '../../src/index.ts'
import type { Setting } from '../../src/settings/setting.schema.ts'
import { replant } from '../support/documented-tenant.ts'
import { Cluster } from '../support/lagging-d1.ts'
import { migrate } from '../support/migrate.ts'
import { adminOf, answer, type Call, mint, ORIGIN } from '../support/tenant.ts'

const LAG = 5000
const KEY = 'Email.Smtp.Port'
const BOOKMARK = 'x-d1-bookmark'

const replicas = [env.REPLICA_1, env.REPLICA_2].filter((replica) => replica !== undefined)
let cluster: Cluster
let isolates: Cloudflare.Env[]
let turn: number

beforeAll(() => migrate(...replicas))

beforeEach(async () => {
  for (const d1 of [env.DB, ...replicas]) await replant(d1)
  cluster = new Cluster(env.DB, replicas, LAG)
  const key = (await keyRing(env)).secret
  isolates = Array.from({ length: 8 }, (_, index) => ({ ...env, SIGNING_KEY: key, DB: cluster.binding(index) }))
  turn = 0
})

/** A request that reaches the next isolate in turn. */
async function call(method: string, path: string, { token, json, headers }: Call) {
  const isolate = isolates[turn++ % isolates.length] ?? env
  const context = createExecutionContext()
  const body = json === undefined ? null : JSON.stringify(json)
  const all = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...headers }
  const request = new Request(`${ORIGIN}/identity_${path}`, { method, body, headers: all })
  const response = await worker.fetch(request, isolate, context)
  await waitOnExecutionContext(context)
  return response
}

const readOnlyClient = () => mint({ prt_id: 'magic-7', scope: ['PM.Setting.Read'], read_only: true })

const write = async (token: string, value: string) => {
  const json = { settings: [{ key: KEY, value }], partitionGlobalId: 'magic-7' }
  const response = await call('PUT', '/api/Setting', { token, json })
  await answer(response.clone())
  return response.headers.get(BOOKMARK) ?? ''
}

const read = async (token: string, headers: Record<string, string> = {}) => {
  const response = await call('GET', `/api/Setting?partitionGlobalId=magic-7&key=${KEY}`, { token, headers })
  expect(response.headers.get(BOOKMARK)).toMatch(/^[0-9a-f-]{59}$/)
  return (await answer<Setting[]>(response))[0]?.value
}

test('a client that may write reads every acknowledged write at once, at any isolate, with any token, without a bookmark', async () => {
  const token = await adminOf('magic-7')
  const narrow = await adminOf('magic-7', ['PM.Setting.Read'])
  for (let round = 0; round < 40; round++) {
    await write(token, `round ${round}`)
    for (const wait of [0, 1, LAG / 3]) {
      cluster.now += wait
      for (const as of [token, narrow]) expect(await read(as)).toBe(`round ${round}`)
    }
  }
  expect(cluster.reads.replica).toBe(0)
})

test('a client that may not write reads at the nearest replica, and what is older than the lag for certain', async () => {
  const writer = await adminOf('magic-7')
  const reader = await readOnlyClient()
  await write(writer, 'new')
  expect(await read(reader)).toBe('587')
  cluster.now += LAG
  for (let isolate = 0; isolate < 8; isolate++) expect(await read(reader)).toBe('new')
  expect(cluster.reads.primary).toBe(0)
})

test('a client that sends a bookmark back reads that write at any isolate, and at a replica once that has it', async () => {
  const token = await adminOf('magic-7')
  const reader = await readOnlyClient()
  for (let round = 0; round < 10; round++) {
    const bookmark = await write(token, `round ${round}`)
    for (const as of [token, reader]) expect(await read(as, { [BOOKMARK]: bookmark })).toBe(`round ${round}`)
    cluster.now += LAG
    const before = cluster.reads.replica
    for (const as of [token, reader]) expect(await read(as, { [BOOKMARK]: bookmark })).toBe(`round ${round}`)
    expect(cluster.reads.replica).toBe(before + 2)
  }
})

test.each(['', 'x', 'first-unconstrained', '🔖', '0'.repeat(100), "'; drop table settings"])(
  'a bookmark that is none (%j) is as good as no bookmark',
  async (bookmark) => {
    const token = await adminOf('magic-7')
    await write(token, 'new')
    expect(await read(token, { [BOOKMARK]: encodeURIComponent(bookmark) })).toBe('new')
  },
)
