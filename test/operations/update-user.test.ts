// PUT /api/User/{user}: changes what is named, all of it or nothing; broken rules are answered with 200.
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { EVERYONE } from '../../src/groups/group.schema.ts'
import { adminOf, answer, call, createPartition, customGroup, hostAdmin, user } from '../support/tenant.ts'
import { errorsOf, findUser, groupOf, stored } from '../support/users.ts'

/** Nobody's, and no group's. */
const NIX = '7e57ab1e-0000-4000-8000-00000000000a'

let partition: string
let token: string

const [one, two] = [crypto.randomUUID(), crypto.randomUUID()]

beforeEach(async () => {
  partition = await createPartition({
    entities: [
      { ...user('ada'), email: 'ada@example.com', firstName: 'Ada', lastName: 'Byron' },
      { ...user('bob'), email: 'bob@example.com' },
    ],
    groups: [customGroup(one, 'One', ['ada', 'bob']), customGroup(two, 'Two')],
  })
  token = await adminOf(partition)
})

const put = async (id: string, body: unknown, as = token) => call('PUT', `/api/User/${id}`, { token: as, json: body })
const changed = async (body: unknown) => {
  expect(await answer(await put('ada', body))).toEqual({ succeeded: true, errors: [] })
  return findUser(token, 'ada')
}
const membersOf = async (group: string) => (await groupOf(token, partition, group)).members.map(({ name }) => name)

describe('PUT /api/User/{user} > 200', () => {
  test.each([
    [{ name: 'Augusta' }, { name: 'Augusta', surname: 'Byron', displayName: 'User ada' }],
    [{ surname: 'Lovelace' }, { name: 'Ada', surname: 'Lovelace' }],
    [{ displayName: 'Countess' }, { displayName: 'Countess' }],
    [{ displayName: '' }, { displayName: 'Ada Byron' }],
    [
      { displayName: '', name: 'Augusta' },
      { name: 'Augusta', displayName: 'Augusta Byron' },
    ],
    [
      { displayName: '', name: '', surname: '' },
      { name: '', surname: '', displayName: 'ada' },
    ],
    [{ email: 'new@example.com' }, { email: 'new@example.com', emailConfirmed: false }],
    [{ email: 'ada@example.com' }, { email: 'ada@example.com', emailConfirmed: true }],
    [{ email: 'ADA@example.com' }, { email: 'ADA@example.com', emailConfirmed: true }],
    [{ email: '' }, { email: '', emailConfirmed: false }],
    [{ isActive: false }, { isActive: false }],
    [{ BYPASSBASICAUTHRESTRICTION: true }, { bypassBasicAuthRestriction: true }],
    [{ invitationAccepted: false }, { invitationAccepted: false }],
  ])('%j changes just that', async (body, expected) => {
    const before = await findUser(token, 'ada')
    expect(await changed(body)).toEqual({ ...before, ...expected, lastModificationTime: expect.any(String) })
  })

  test('what is null or left out stays as it is, and userName and id cannot be changed', async () => {
    const before = await findUser(token, 'ada')
    const nothing = { name: null, email: null, isActive: null, password: null, groupIDsToAdd: null, surname: null }
    const after = await changed({ ...nothing, userName: 'eve', id: crypto.randomUUID(), unknown: [1] })
    expect(after).toEqual({ ...before, lastModificationTime: expect.any(String) })
    expect(await changed({})).toMatchObject({ name: 'Ada' })
  })

  test('moves the user between groups, which is seen from both sides', async () => {
    const after = await changed({ groupIDsToAdd: [two.toUpperCase(), two], groupIDsToRemove: [one] })
    expect(after.groupIDs).toEqual([EVERYONE, two])
    expect([await membersOf(one), await membersOf(two)]).toEqual([['bob'], ['ada']])
    expect((await changed({ groupIDsToRemove: [two] })).groupIDs).toEqual([EVERYONE])
  })

  test.each([
    [[one], [one], [one]],
    [[two], [two], [one]],
    [[one], [], [one]],
    [[], [two, NIX, crypto.randomUUID()], [one]],
  ])('added to %j and removed from %j it is in %j', async (groupIDsToAdd, groupIDsToRemove, expected) => {
    expect((await changed({ groupIDsToAdd, groupIDsToRemove })).groupIDs).toEqual([EVERYONE, ...expected])
    expect(await membersOf(one)).toEqual(['ada', 'bob'])
  })

  test('changes attributes beyond the schema, one by one, without showing them', async () => {
    await changed({ extensionUserAttributesToAddOrUpdate: { a: '1', b: '2', constructor: 'x' } })
    const after = await changed({
      extensionUserAttributesToAddOrUpdate: { a: '3' },
      extensionUserAttributesToRemove: ['b', 'c'],
    })
    expect(JSON.stringify(after)).not.toContain('constructor')
    const rows = env.DB.prepare("select extension_attributes as kept from users where extension_attributes <> '{}'")
    expect(await rows.first('kept')).toBe('{"a":"3","constructor":"x"}')
  })

  test('changes its display name as a member of a group', async () => {
    await changed({ displayName: 'Countess', name: 'A', email: 'c@example.com' })
    expect((await groupOf(token, partition, one)).members[0]).toMatchObject({
      displayName: 'Countess',
      firstName: 'A',
      email: 'c@example.com',
    })
  })
})

describe('PUT /api/User/{user} > 200 without success, and nothing changed', () => {
  const strict = [{ key: 'Auth.Password.PasswordComplexity', value: '{"Length":12,"HasDigit":true}' }]

  test.each([
    [{ email: 'BOB@example.com' }, ['DuplicateEmail']],
    [{ groupIDsToAdd: [two, NIX] }, ['GroupNotFound']],
    [{ groupIDsToAdd: [NIX], groupIDsToRemove: [NIX] }, ['GroupNotFound']],
    [{ password: 'short' }, ['PasswordTooShort', 'PasswordRequiresDigit']],
    [{ password: 'x', email: 'bob@example.com' }, ['DuplicateEmail', 'PasswordTooShort', 'PasswordRequiresDigit']],
  ])('%j breaks %j', async (body, codes) => {
    await answer(await call('PUT', '/api/Setting', { token, json: { settings: strict, partitionGlobalId: partition } }))
    const before = await stored(token, partition)
    const all = { name: 'Changed', isActive: false, groupIDsToRemove: [one] }
    const errors = await errorsOf(await put('ada', { ...all, ...body }), 200)
    expect(errors.map(({ code }) => code)).toEqual(codes)
    expect(await stored(token, partition)).toEqual(before)
    expect([await membersOf(one), await membersOf(two)]).toEqual([['ada', 'bob'], []])
  })
})

describe('PUT /api/User/{user} > refusals', () => {
  test.each([
    [{ email: 'none' }, 'email'],
    [{ isActive: 'yes' }, 'isActive'],
    [{ name: 'a\0' }, 'name'],
    [{ groupIDsToAdd: 'x' }, 'groupIDsToAdd'],
    [{ extensionUserAttributesToAddOrUpdate: { a: [1] } }, 'extensionUserAttributesToAddOrUpdate.a'],
  ])('400 for %j', async (body, field) => {
    const { errors } = await answer<{ errors: object }>(await put('ada', { surname: 'Changed', ...body }), 400)
    expect(Object.keys(errors)).toEqual([field])
    expect(await findUser(token, 'ada')).toMatchObject({ surname: 'Byron', lastModificationTime: null })
  })

  test('404 for a user or a group of another partition, which stay as they are', async () => {
    const [theirs, group] = [crypto.randomUUID(), crypto.randomUUID()]
    const other = await createPartition({ entities: [user(theirs)], groups: [customGroup(group, 'Theirs', [theirs])] })
    for (const as of [token, await hostAdmin()]) {
      await answer(await put(theirs, { name: 'Changed', groupIDsToRemove: [group] }, as), 404)
    }
    expect(await errorsOf(await put('ada', { groupIDsToAdd: [group] }), 200)).toMatchObject([{ code: 'GroupNotFound' }])
    await changed({ groupIDsToRemove: [group] })
    const admin = await adminOf(other)
    expect(await findUser(admin, theirs)).toMatchObject({ name: null, groupIDs: [EVERYONE, group] })
    await answer(await put(crypto.randomUUID(), {}), 404)
    await answer(await put('nobody', {}), 400)
  })
})

test('of 100 changes to one email at once exactly one succeeds', async () => {
  const ids = Array.from({ length: 100 }, () => crypto.randomUUID())
  const users = ids.map((id) => ({ id, userName: id }))
  await answer(await call('POST', '/api/User/BulkCreate', { token, json: { users } }))
  const results = ids.map(async (id) => answer<{ succeeded: boolean }>(await put(id, { email: 'one@example.com' })))
  expect((await Promise.all(results)).filter(({ succeeded }) => succeeded)).toHaveLength(1)
  expect((await stored(token, partition, '?searchTerm=one@')).totalCount).toBe(1)
})
