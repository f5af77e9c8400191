// POST /api/Directory/BulkResolve: ids with their types, read by their places in two lists.
import { expect, test } from 'vitest'
import { USER_TYPE } from '../../src/directory/member.ts'
import { EVERYONE } from '../../src/groups/group.schema.ts'
import { adminOf, answer, call, createPartition, customGroup, mint, user } from '../support/tenant.ts'

const partition = await createPartition({
  entities: [
    { ...user('u-1'), email: 'u-1@x.org', jobTitle: 'student' },
    { ...user('7'), name: 'seven' },
    { ...user('r-1'), type: USER_TYPE.robotAccount },
    { ...user('a-1'), type: USER_TYPE.application },
  ],
  groups: [customGroup('g-1', 'Crew')],
})
const token = await adminOf(partition)
const bulk = (entityIds: unknown, entityTypes: unknown, bearer = token) =>
  call('POST', `/api/Directory/BulkResolve/${partition}`, { token: bearer, json: { entityIds, entityTypes } })

test('200 with each id as it was sent, in the order of the request, null for what is unknown', async () => {
  const ids = ['g-1', '7', 'U-1', 'r-1', 'a-1', 'nix', 'u-1', EVERYONE]
  const types = ['Group', 'user', 0, '0', 'application', 'User', 'USER', 1]
  const text = await (await bulk(ids, types)).text()
  const flat = text.replace(/\{"objectType[^}]*\}/g, 'null')
  expect([...flat.matchAll(/"([^"]*)":null/g)].map(([, id]) => id)).toEqual(ids)
  const entities: Record<string, { objectType: string } | null> = JSON.parse(text)
  expect(ids.map((id) => entities[id]?.objectType)).toEqual([
    ...['DirectoryGroup', 'DirectoryUser', 'DirectoryUser', 'DirectoryRobotUser', 'DirectoryApplication'],
    ...[undefined, 'DirectoryUser', 'DirectoryGroup'],
  ])
})

test('a user is shown in the documented order, with isActive', async () => {
  expect(JSON.stringify(await answer(await bulk(['u-1'], ['User'])))).toBe(
    '{"u-1":{"objectType":"DirectoryUser","source":"local","identifier":"u-1","name":"u-1","email":"u-1@x.org","displayName":"User u-1","firstName":null,"lastName":null,"jobTitle":"student","companyName":null,"city":null,"department":null,"isActive":true}}',
  )
  await answer(await call('PUT', '/api/User/u-1', { token, json: { isActive: false } }))
  expect(await answer(await bulk(['u-1'], ['User']))).toMatchObject({ 'u-1': { isActive: false } })
})

test('an id of another type than is said is unknown', async () => {
  expect(await answer(await bulk(['g-1', 'u-1'], ['User', 'Group']))).toEqual({ 'g-1': null, 'u-1': null })
  expect(await answer(await bulk([], []))).toEqual({})
})

test.each([
  [['u-1', 'r-1'], ['User'], /\(Parameter 'entityTypes'\)$/],
  [['u-1'], [], /\(Parameter 'entityTypes'\)$/],
  [
    Array.from({ length: 21 }, (_, index) => `${index}`),
    Array.from({ length: 21 }, () => 0),
    /^entityIds size is larger that maximum supported value of 20 \(Parameter 'entityIds'\)$/,
  ],
])('400 in the shape of an exception for %j as %j', async (ids, types, message) => {
  const refused = { StatusCode: 400, StatusDescription: 'BadRequest', Message: expect.stringMatching(message) }
  expect(await answer(await bulk(ids, types), 400)).toEqual(refused)
})

test.each([
  [['u-1'], ['robot'], 'entityTypes[0]'],
  [['u-1', ''], ['user', 'user'], 'entityIds[1]'],
  [undefined, ['user'], 'entityIds'],
  [['u-1'], undefined, 'entityTypes'],
])('400 for %j as %j', async (ids, types, field) => {
  expect(await answer(await bulk(ids, types), 400)).toMatchObject({ errors: { [field]: [expect.any(String)] } })
})

test('400 for more than 1,000 ids', async () => {
  const ids = Array.from({ length: 1001 }, () => 'u-1')
  await answer(
    await bulk(
      ids,
      ids.map(() => 'User'),
    ),
    400,
  )
})

test('403 for a user who is no administrator', async () => {
  await answer(await bulk(['u-1'], ['User'], await mint({ prt_id: partition, sub: '7', sub_type: 'user' })), 403)
})
