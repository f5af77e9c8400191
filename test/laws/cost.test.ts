// What each operation costs: one round trip to D1, and rows that do not grow with what is stored.
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'
import { countedCalls } from '../support/counting-d1.ts'
import { adminOf, answer, createPartition, customGroup, hostAdmin, mint, user } from '../support/tenant.ts'

const KEYS = Array.from({ length: 9 }, (_, index) => `Email.Smtp.Key${index}`)
const members = Array.from({ length: 5 }, (_, index) => `member-${index}`)

/** Fills the database with settings, accounts and groups of this and of another partition. */
async function crowd(partition: string, rows: number) {
  const numbers = `with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${rows})`
  const other = await createPartition()
  for (const id of [partition, other]) {
    await env.DB.batch([
      env.DB.prepare(
        `insert into settings (partition_id, key, value) ${numbers} select ?, 'crowd-' || n, 'v' from numbers`,
      ).bind(id),
      env.DB.prepare(
        `insert into directory_entities (partition_id, id, type, name, display_name) ${numbers} select ?, 'crowd-' || n, 0, n, n from numbers`,
      ).bind(id),
    ])
  }
}

async function measure(partition: string) {
  const call = await countedCalls()
  const token = await adminOf(partition)
  const settings = KEYS.slice(0, 7).map((key) => ({ key, value: 'v' }))
  const query = `partitionGlobalId=${partition}&${KEYS.map((key) => `key=${key}`).join('&')}`
  const group = `/api/Group/${partition}/crew`
  const change = {
    name: 'Crew',
    directoryUserIDsToAdd: ['member-3', 'member-4'],
    directoryUserIDsToRemove: ['member-0'],
  }
  const requests = {
    'GET Setting, 9 keys': ['GET', `/api/Setting?${query}`, undefined],
    'GET Setting, 9 keys of a user': ['GET', `/api/Setting?${query}&userId=member-0`, undefined],
    'PUT Setting, 7 keys': ['PUT', '/api/Setting', { settings, partitionGlobalId: partition }],
    'PUT Setting, the same 7 keys again': ['PUT', '/api/Setting', { settings, partitionGlobalId: partition }],
    'GET Setting, 9 keys, 7 of them set': ['GET', `/api/Setting?${query}`, undefined],
    'PUT Setting, 7 keys of a user': [
      'PUT',
      '/api/Setting',
      { settings, partitionGlobalId: partition, userId: 'member-0' },
    ],
    'GET Group': ['GET', group, undefined],
    'GET Groups': ['GET', `/api/Group/${partition}`, undefined],
    'PUT Group, 2 added, 1 removed': ['PUT', group, change],
  } as const
  const costs: Record<string, { trips: number; read: number; written: number }> = {}
  for (const [name, [method, path, json]] of Object.entries(requests)) {
    const { response, trips } = await call(method, path, { token, json })
    await answer(response)
    const [trip] = trips
    costs[name] = { trips: trips.length, read: trip?.rowsRead ?? 0, written: trip?.rowsWritten ?? 0 }
  }
  return costs
}

test('every operation is one round trip and reads no more rows among 100,000 than among a few', async () => {
  const seed = () =>
    createPartition({ entities: members.map(user), groups: [customGroup('crew', 'Crew', members.slice(0, 3))] })
  const few = await measure(await seed())
  const crowded = await seed()
  await crowd(crowded, 50_000)
  const many = await measure(crowded)
  for (const [name, { trips, read, written }] of Object.entries(many)) {
    console.log(`${name}: ${trips} round trip, ${read} rows read, ${written} written`)
  }
  for (const [name, cost] of Object.entries(many)) {
    expect(cost.trips, name).toBe(1)
    expect(cost.read, name).toBeLessThanOrEqual((few[name]?.read ?? 0) + 8)
    expect(cost.read, name).toBeLessThan(100)
    expect(cost.written, name).toBe(few[name]?.written)
  }
})

test('a refused token or scope costs no round trip, another partition none, an unknown one at most one', async () => {
  const call = await countedCalls()
  const partition = await createPartition()
  const path = (id: string) => `/api/Setting?partitionGlobalId=${id}&key=k`
  const trips = async (status: number, id: string, token?: string) => {
    const { response, trips } = await call('GET', path(id), { token })
    await answer(response, status)
    return trips.length
  }
  expect(await trips(401, partition)).toBe(0)
  expect(await trips(401, partition, 'not.a.token')).toBe(0)
  expect(await trips(401, partition, await mint({ exp: 1 }))).toBe(0)
  expect(await trips(401, partition, await mint({}, { kid: 'unknown' }))).toBe(0)
  expect(await trips(403, partition, await adminOf(partition, ['PM.Group']))).toBe(0)
  expect(await trips(403, crypto.randomUUID(), await adminOf(partition))).toBe(0)
  expect(await trips(403, HOST_PARTITION, await adminOf(partition))).toBe(0)
  expect(await trips(400, 'nobody', await adminOf(partition))).toBe(1)
  expect(await trips(404, crypto.randomUUID(), await hostAdmin())).toBe(1)
})
