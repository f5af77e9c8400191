// A second database is configuration: partitions live in one of two, and no endpoint knows.
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, expect, test } from 'vitest'
import { Database } from '../../src/database/database.ts'
import { bindingOf, databaseOf } from '../../src/database/placement.ts'
import { builtInGroups, plantGroups } from '../../src/groups/group.seed.ts'
import worker from '../../src/index.ts'
import { plantPartition } from '../../src/partitions/partition.seed.ts'
import { migrate } from '../support/migrate.ts'
import { answer, hostAdmin, ORIGIN } from '../support/tenant.ts'

const partitions = Array.from({ length: 40 }, () => crypto.randomUUID())
let two: Cloudflare.Env & { DB_2: D1Database }

const call = async (method: string, path: string, json?: unknown) => {
  const context = createExecutionContext()
  const headers = { Authorization: `Bearer ${await hostAdmin()}`, 'Content-Type': 'application/json' }
  const body = json === undefined ? null : JSON.stringify(json)
  const response = await worker.fetch(
    new Request(`${ORIGIN}/identity_${path}`, { method, headers, body }),
    two,
    context,
  )
  await waitOnExecutionContext(context)
  return response
}

beforeAll(async () => {
  if (!env.SECOND) throw new Error('the tests need a second database')
  await migrate(env.SECOND)
  two = { ...env, DB: new Proxy(env.DB, {}), DB_2: env.SECOND }
  for (const id of partitions) {
    const database = new Database(databaseOf(two, id).d1)
    await database.batch(plantPartition({ id, name: id }), ...plantGroups(id, builtInGroups('2024-01-01T00:00:00')))
  }
})

test('each of two databases holds a fair share, and a partition in any case is in the same one', () => {
  const inSecond = partitions.filter((id) => databaseOf(two, id).name === 'DB_2')
  expect(inSecond.length).toBeGreaterThan(8)
  expect(inSecond.length).toBeLessThan(32)
  for (const id of partitions) expect(databaseOf(two, id.toUpperCase()).name).toBe(databaseOf(two, id).name)
})

test('by names alone it is the same one', () => {
  for (const id of partitions) expect(bindingOf(['DB', 'DB_2', 'OTHER'], id)).toBe(databaseOf(two, id).name)
})

test('a third database takes only the partitions that move to it', () => {
  const three = { ...two, DB: new Proxy(env.DB, {}), DB_3: env.SECOND }
  for (const id of partitions) expect([databaseOf(two, id).name, 'DB_3']).toContain(databaseOf(three, id).name)
})

test('settings and groups of every partition are read and written where it lives', async () => {
  for (const id of partitions) {
    const json = { partitionGlobalId: id, settings: [{ key: 'k', value: id }] }
    const written = await call('PUT', '/api/Setting', json)
    expect(written.headers.get('x-d1-bookmark')?.startsWith('DB_2:')).toBe(databaseOf(two, id).name === 'DB_2')
    expect(await answer(await call('GET', `/api/Setting?key=k&partitionGlobalId=${id}`))).toMatchObject([{ value: id }])
    expect(await answer(await call('GET', `/api/Group/${id}`))).toHaveLength(5)
  }
  const { results } = await two.DB_2.prepare('select value from settings').all<{ value: string }>()
  expect(results.map(({ value }) => databaseOf(two, value).name)).toEqual(results.map(() => 'DB_2'))
})
