// Names and addresses are compared by their fold wherever they have to be unique, and found by it.
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { USER_TYPE } from '../../src/directory/member.ts'
import { adminOf, answer, call, createPartition, customGroup, user } from '../support/tenant.ts'

/** Two spellings of one name. */
const SAME: [string, string][] = [
  ['müller', 'MÜLLER'],
  ['Élan', 'e\u0301lan'],
  ['σας', 'ΣΑΣ'],
  ['ørsted', 'ØRSTED'],
  ['𐐨', '𐐀'],
]

/** Two names that are alike. */
const OTHERS: [string, string][] = [
  ['İstanbul', 'istanbul'],
  ['ılgaz', 'ilgaz'],
  ['straße', 'STRASSE'],
  ['é', 'e'],
]

let partition: string
let token: string

beforeEach(async () => {
  partition = await createPartition()
  token = await adminOf(partition)
})

const post = async (path: string, json: object) => {
  const { status } = await call('POST', path, { token, json: { partitionGlobalId: partition, ...json } })
  return status < 300
}
const createUser = async (userName: string) => post('/api/User', { userName })
const createMail = async (local: string) =>
  post('/api/User', { userName: crypto.randomUUID(), email: `${local}@example.com` })
const createBulk = async (userName: string) => post('/api/User/BulkCreate', { users: [{ userName }] })
const createRobot = async (name: string) => post('/api/RobotAccount', { name })
const createGroup = async (name: string) =>
  post('/api/Group', { id: crypto.randomUUID(), name, directoryUserMemberIDs: [] })
const renameGroup = async (name: string) => {
  const id = crypto.randomUUID()
  await post('/api/Group', { id, name: id, directoryUserMemberIDs: [] })
  return (await call('PUT', `/api/Group/${partition}/${id}`, { token, json: { name } })).status === 200
}
const changeMail = async (local: string) => {
  const id = crypto.randomUUID()
  await post('/api/User', { id, userName: id })
  const changed = await call('PUT', `/api/User/${id}`, { token, json: { email: `${local}@example.com` } })
  return (await answer<{ succeeded: boolean }>(changed)).succeeded
}

const WRITERS = {
  'POST User by name': [createUser, createUser],
  'POST User by address': [createMail, createMail],
  'POST BulkCreate': [createUser, createBulk],
  'PUT User by address': [createMail, changeMail],
  'POST RobotAccount': [createRobot, createRobot],
  'POST Group': [createGroup, createGroup],
  'PUT Group': [createGroup, renameGroup],
  'PUT Group before': [renameGroup, createGroup],
} satisfies Record<string, [(name: string) => Promise<boolean>, (name: string) => Promise<boolean>]>

describe.each(Object.entries(WRITERS))('%s', (_, [first, second]) => {
  test.each(SAME)('takes %s and %s for one', async (one, other) => {
    expect([await first(one), await second(other)]).toEqual([true, false])
    expect([await second(`${other}2`), await first(`${one}2`)]).toEqual([true, false])
  })

  test.each(OTHERS)('takes %s and %s for two', async (one, other) => {
    expect([await first(one), await second(other)]).toEqual([true, true])
  })
})

test('within one list the second of two spellings is refused', async () => {
  expect(await post('/api/User/BulkCreate', { users: [{ userName: 'müller' }, { userName: 'MÜLLER' }] })).toBe(false)
})

test('a name that its account gave up is free', async () => {
  const id = crypto.randomUUID()
  await post('/api/User', { id, userName: 'one', email: 'müller@example.com' })
  await answer(await call('PUT', `/api/User/${id}`, { token, json: { email: 'other@example.com' } }))
  expect([await createMail('MÜLLER'), await createMail('müller')]).toEqual([true, false])
  await answer(await call('PUT', `/api/User/${id}`, { token, json: { email: 'OTHER@example.com' } }))
  await answer(await call('DELETE', `/api/User/${id}`, { token }), 204)
  expect(await createMail('other')).toBe(true)
  await createGroup('müll')
  const group = crypto.randomUUID()
  await post('/api/Group', { id: group, name: 'Éclair', directoryUserMemberIDs: [] })
  await answer(await call('PUT', `/api/Group/${partition}/${group}`, { token, json: { name: 'Donut' } }))
  expect([await createGroup('éclair'), await createGroup('ÉCLAIR')]).toEqual([true, false])
  await answer(await call('PUT', `/api/Group/${partition}/${group}`, { token, json: { name: 'DONUT' } }))
  expect(await createGroup('donut')).toBe(false)
})

test('an account without a key, as another version of the Worker writes it, is compared without regard to ASCII case', async () => {
  await createUser('old')
  await createUser('Ünal')
  await env.DB.prepare('delete from name_keys where partition_id = ?').bind(partition).run()
  expect([await createUser('OLD'), await createUser('Ünal'), await createUser('ünal')]).toEqual([false, false, true])
})

test('of 20 creations under two spellings at once exactly one takes place', async () => {
  const names = Array.from({ length: 20 }, (_, index) => (index % 2 ? 'müller' : 'MÜLLER'))
  expect((await Promise.all(names.map(createUser))).filter(Boolean)).toHaveLength(1)
})

test('accounts that clash already stay, and no third gets the name', async () => {
  const entities = ['Ünal', 'ünal'].map((name) => ({ ...user(crypto.randomUUID()), name }))
  partition = await createPartition({ entities, groups: [customGroup('a', 'Ä'), customGroup('b', 'ä')] })
  token = await adminOf(partition)
  const page = await call('GET', `/api/User/users/${partition}`, { token })
  expect(await answer(page)).toMatchObject({ totalCount: 2 })
  expect([await createUser('U\u0308NAL'), await createGroup('A\u0308')]).toEqual([false, false])
})

describe('the directory', () => {
  beforeEach(async () => {
    const entities = [
      { ...user('u'), name: 'Müller', email: 'müller@example.com' },
      { ...user('r'), type: USER_TYPE.robotAccount, name: 'Ωmega' },
      { ...user('i'), name: 'İstanbul' },
    ]
    partition = await createPartition({ entities, groups: [customGroup('g', 'Ärzte')] })
    token = await adminOf(partition)
  })

  test.each([
    ['MÜLLER', 'user', 'u'],
    ['mu\u0308ller', 'user', 'u'],
    ['MÜLLER@EXAMPLE.COM', 'user', 'u'],
    ['ωMEGA', 'user', 'r'],
    ['İstanbul', 'user', 'i'],
    ['ärzte', 'group', 'g'],
  ])('resolves %s as %s', async (entityName, entityType, id) => {
    const json = { entityName, entityType }
    const found = await call('POST', `/api/Directory/ResolveByName/${partition}`, { token, json })
    expect(await answer(found)).toMatchObject({ identifier: id })
    const names = { entityNames: [entityName, 'nobody ü'], entityType }
    const bulk = await call('POST', `/api/Directory/BulkResolveByName/${partition}`, { token, json: names })
    expect(await answer(bulk)).toMatchObject({ [entityName]: { identifier: id }, 'nobody ü': null })
  })

  test.each([
    ['MÜ', ['u']],
    ['mu\u0308l', ['u']],
    ['ωm', ['r']],
    ['İ', ['i']],
    ['ä', ['g']],
    ['istan', []],
  ])('is searched for %s', async (startsWith, ids) => {
    const path = `/api/Directory/Search/${partition}?startsWith=${encodeURIComponent(startsWith)}`
    const found = await answer<{ identifier: string }[]>(await call('GET', path, { token }))
    expect(found.map(({ identifier }) => identifier)).toEqual(ids)
  })
})
