// Names of before there were keys get theirs: by the operator's request, and when a snapshot of that time is restored.
import { env } from 'cloudflare:workers'
import { beforeEach, expect, test } from 'vitest'
import type { Position, Step } from '../../src/control/states/name-fill.ts'
import { type CreatedTenant, isolate } from '../support/control.ts'
import { answer } from '../support/tenant.ts'

const { control, create, call, takeTrips } = isolate('deployed')

const seed = {
  users: [{ userName: 'Müller', email: 'Müller@example.com' }, { userName: 'plain' }],
  robotAccounts: [{ name: 'Ωmega' }],
  groups: [{ name: 'Ärzte' }],
}

let tenant: CreatedTenant

/** Removes all keys, as those of rows that another version of the Worker wrote. */
const forget = () =>
  env.DB.batch(['name_keys', 'group_name_keys'].map((table) => env.DB.prepare(`delete from ${table}`)))
const keysIn = (table: string) =>
  env.DB.prepare(`select key, name from ${table} where partition_id = ? order by key`).bind(tenant.id).all()

beforeEach(async () => {
  tenant = await create({ seed })
})

const post = async (path: string, json: object) =>
  (await call('POST', path, { token: tenant.tokens.admin, json })).status

/** Asks for names in other spellings. */
const others = async () => [
  await post('/api/User', { userName: 'MÜLLER' }),
  await post('/api/User', { userName: 'new', email: 'mu\u0308ller@example.com' }),
  await post('/api/RobotAccount', { name: 'ωmega' }),
  await post('/api/Group', { id: crypto.randomUUID(), name: 'ärzte', directoryUserMemberIDs: [] }),
]

async function fillAll() {
  const steps: Step[] = []
  for (let from: Position | undefined = { database: 0, kind: 'userName', after: 0 }; from; from = steps.at(-1)?.next) {
    steps.push(await answer<Step>(await control('POST', '/names/fill', { from })))
  }
  return {
    steps,
    clashing: steps.flatMap(({ clashing }) => clashing).filter(({ partition }) => partition === tenant.id),
  }
}

test('the operator has them filled, of every kind, and the other spellings are refused', async () => {
  await forget()
  expect(await fillAll()).toMatchObject({ clashing: [] })
  expect(await others()).toEqual([400, 400, 409, 409])
  const again = await fillAll()
  expect(again.steps.map(({ filled }) => filled)).toEqual([0, 0, 0, 0])
})

test('names that clash stay and are listed, and a third spelling is refused', async () => {
  const clash = {
    users: [
      { id: 'u1', userName: 'Ünal' },
      { id: 'u2', userName: 'ünal' },
    ],
    groups: [{ name: 'Ä' }, { id: 'g2', name: 'ä' }],
  }
  tenant = await create({ seed: clash })
  await forget()
  const { clashing } = await fillAll()
  expect(clashing).toEqual([
    { partition: tenant.id, kind: 'userName', id: 'u2', name: 'ünal' },
    { partition: tenant.id, kind: 'group', id: 'g2', name: 'ä' },
  ])
  const { admin: token } = tenant.tokens
  expect(await answer(await call('GET', `/api/User/users/${tenant.id}`, { token }))).toMatchObject({ totalCount: 2 })
  const third = await call('POST', '/api/User', { token, json: { userName: 'U\u0308NAL' } })
  expect(third.status).toBe(400)
  expect(await third.text()).toContain('DuplicateUserName')
  expect(await post('/api/Group', { id: crypto.randomUUID(), name: 'A\u0308', directoryUserMemberIDs: [] })).toBe(409)
})

test('a key of a name that its account gave up gives way', async () => {
  await forget()
  await fillAll()
  // As another version of the Worker renames: the key stays behind.
  await env.DB.prepare("update directory_entities set name = 'other' where partition_id = ? and name = 'Müller'")
    .bind(tenant.id)
    .run()
  await env.DB.prepare("update directory_entities set name = 'MÜLLER' where partition_id = ? and name = 'plain'")
    .bind(tenant.id)
    .run()
  expect((await fillAll()).clashing).toEqual([])
  expect(await post('/api/User', { userName: 'müller' })).toBe(400)
})

test('2,500 names take several steps, none of more than 250', async () => {
  await env.DB.prepare(
    `with recursive n(i) as (select 1 union all select i + 1 from n where i < 2500)
     insert into directory_entities (partition_id, id, type, name, display_name) select ?, 'r' || i, 4, 'ä' || i, 'ä' from n`,
  )
    .bind(tenant.id)
    .run()
  const { steps } = await fillAll()
  expect(steps.length).toBeGreaterThanOrEqual(10)
  expect(Math.max(...steps.map(({ filled }) => filled))).toBe(250)
  expect(await post('/api/RobotAccount', { name: 'Ä2500' })).toBe(409)
})

/** Makes the snapshots of the tenant those of before there were keys. */
const withoutKeys = () =>
  env.DB.prepare("delete from snapshots where partition_id = ? and section in ('nameKeys', 'groupNameKeys')")
    .bind(tenant.id)
    .run()

test.each([
  ['reset', 'reset'],
  ['restored', 'snapshots/kept/restore'],
])('a tenant that is %s from a snapshot without keys has them, and nobody else is looked at', async (_, path) => {
  await control('PUT', `/tenants/${tenant.id}/snapshots/kept`)
  const kept = [await keysIn('name_keys'), await keysIn('group_name_keys')].map(({ results }) => results)
  await withoutKeys()
  const elsewhere = await create({ seed })
  await env.DB.prepare('delete from name_keys where partition_id = ?').bind(elsewhere.id).run()
  expect((await control('POST', `/tenants/${tenant.id}/${path}`)).status).toBe(204)
  const now = [await keysIn('name_keys'), await keysIn('group_name_keys')].map(({ results }) => results)
  expect(kept[0]?.filter(({ name }) => name !== 'plain')).toEqual(now[0])
  expect(now[1]).toEqual([{ key: 'ÄRZTE', name: 'Ärzte' }])
  expect(await others()).toEqual([400, 400, 409, 409])
  expect(await env.DB.prepare('select 1 from name_keys where partition_id = ?').bind(elsewhere.id).all()).toMatchObject(
    { results: [] },
  )
})

test('a snapshot with keys is restored without a further round trip', async () => {
  const trips = async () => {
    takeTrips()
    expect((await control('POST', `/tenants/${tenant.id}/reset`)).status).toBe(204)
    return takeTrips().length
  }
  const withKeys = await trips()
  expect(withKeys).toBeLessThanOrEqual(3)
  await withoutKeys()
  expect(await trips()).toBeGreaterThan(withKeys)
})
