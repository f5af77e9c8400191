// POST /api/User: creates one user, or says which rules it breaks and creates none.
import { beforeEach, describe, expect, test } from 'vitest'
import { ADMINISTRATORS } from '../../src/auth/administrators.ts'
import { EVERYONE } from '../../src/groups/group.schema.ts'
import { adminOf, answer, call, createPartition, customGroup, hostAdmin, user } from '../support/tenant.ts'
import { EVERY_FIELD, errorsOf, findUser, groupOf, stored } from '../support/users.ts'

/** Nobody's, and no group's. */
const NIX = '7e57ab1e-0000-4000-8000-00000000000a'

let partition: string
let token: string

const crew = crypto.randomUUID()

beforeEach(async () => {
  partition = await createPartition({
    entities: [{ ...user('ada'), email: 'ada@lovelace.example' }],
    groups: [customGroup(crew, 'Crew', ['ada'])],
  })
  token = await adminOf(partition)
})

const create = async (body: object, as = token) => call('POST', '/api/User', { token: as, json: body })
const created = async (body: object) => {
  const id = crypto.randomUUID()
  expect(await answer(await create({ id, ...body }))).toEqual({ succeeded: true, errors: [] })
  return findUser(token, id)
}

describe('POST /api/User > 200', () => {
  test('creates a user that is read back in the documented order of properties', async () => {
    const found = await created({
      userName: 'grace',
      email: 'grace@hopper.example',
      name: 'Grace',
      surname: 'Hopper',
      bypassBasicAuthRestriction: true,
      legacyId: 4711,
      invitationAccepted: false,
      type: 'user',
    })
    expect(Object.keys(found)).toEqual(EVERY_FIELD)
    expect(found).toMatchObject({
      userName: 'grace',
      email: 'grace@hopper.example',
      emailConfirmed: false,
      name: 'Grace',
      surname: 'Hopper',
      displayName: 'Grace Hopper',
      creationTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?$/),
      lastModificationTime: null,
      lastLoginTime: null,
      groupIDs: [EVERYONE],
      legacyId: 4711,
      isActive: true,
      bypassBasicAuthRestriction: true,
      type: 0,
      category: 0,
      invitationAccepted: false,
    })
  })

  test.each([
    [{ name: 'Grace' }, 'Grace'],
    [{ surname: 'Hopper' }, 'Hopper'],
    [{ name: '', surname: null }, 'grace'],
    [{ displayName: 'Amazing Grace', name: 'Grace' }, 'Amazing Grace'],
    [{ displayName: '', name: 'Grace' }, 'Grace'],
  ])('of %j is displayed as %s', async (names, displayName) => {
    expect(await created({ userName: 'grace', ...names })).toMatchObject({ displayName })
  })

  test('makes up an id and a legacy id where none is given, and takes the names of properties in any case', async () => {
    await answer(await create({ USERNAME: 'grace', Email: '', PartitionGlobalId: partition, Type: 0 }))
    const [found] = (await stored(token, partition, '?searchTerm=grace')).results
    expect(found).toMatchObject({ userName: 'grace', email: '', id: expect.stringMatching(/^[0-9a-f-]{36}$/) })
    expect(found?.legacyId).toBeGreaterThan(0)
  })

  test('several users may be without an email', async () => {
    await created({ userName: 'one' })
    await created({ userName: 'two', email: '' })
  })

  test('puts the user into its groups, which is seen from both sides', async () => {
    const found = await created({
      userName: 'grace',
      name: 'Grace',
      groupIDs: [crew.toUpperCase(), ADMINISTRATORS, crew],
    })
    expect(found.groupIDs?.toSorted()).toEqual([EVERYONE, crew, ADMINISTRATORS].toSorted())
    const group = await groupOf(token, partition, crew)
    expect(group.members.map(({ name }) => name)).toEqual(['ada', 'grace'])
    expect(group.members[1]).toMatchObject({
      objectType: 'DirectoryUser',
      identifier: found.id,
      name: 'grace',
      displayName: 'Grace',
      firstName: 'Grace',
    })
    expect(await groupOf(token, partition, ADMINISTRATORS)).toMatchObject({ members: [{ identifier: found.id }] })
  })

  test('keeps names and emails of several writings', async () => {
    const names = ['Ünal Öz', '王小明', "O'Brien", 'CORP\\john', 'a+b@c.example', '😀', '1'.repeat(256)]
    for (const userName of names) expect(await created({ userName })).toMatchObject({ userName })
  })

  test('counts the user in', async () => {
    await created({ userName: 'grace' })
    expect((await stored(token, partition)).totalCount).toBe(2)
  })

  test('is possible in another partition for a host administrator', async () => {
    await answer(await create({ userName: 'grace', partitionGlobalId: partition.toUpperCase() }, await hostAdmin()))
    expect((await stored(token, partition)).totalCount).toBe(2)
  })
})

describe('POST /api/User > 400 with the rules that are broken, and nothing created', () => {
  test.each([
    [{ userName: 'ADA' }, ['DuplicateUserName'], "Username 'ADA' is already taken."],
    [
      { userName: 'x', email: 'Ada@Lovelace.example' },
      ['DuplicateEmail'],
      "Email 'Ada@Lovelace.example' is already taken.",
    ],
    [{ userName: 'ada', email: 'ada@lovelace.example' }, ['DuplicateUserName', 'DuplicateEmail'], undefined],
    [{ userName: '' }, ['InvalidUserName'], "Username '' is invalid, can only contain letters or digits."],
    [{}, ['InvalidUserName'], undefined],
    [{ userName: null }, ['InvalidUserName'], undefined],
    [{ userName: ' x' }, ['InvalidUserName'], undefined],
    [{ userName: 'x\n' }, ['InvalidUserName'], undefined],
    [{ userName: 'x', groupIDs: [NIX, crew] }, ['GroupNotFound'], `Group '${NIX}' was not found.`],
  ])('%j breaks %j', async (body, codes, description) => {
    const errors = await errorsOf(await create({ groupIDs: [crew], ...body }))
    expect(errors.map(({ code }) => code)).toEqual(codes)
    if (description) expect(errors[0]?.description).toBe(description)
    expect((await stored(token, partition)).totalCount).toBe(1)
    expect((await groupOf(token, partition, crew)).members).toHaveLength(1)
  })

  test('an id that is taken, by whatever it is', async () => {
    const id = crypto.randomUUID()
    await answer(await create({ id, userName: 'one' }))
    const errors = await errorsOf(await create({ id: id.toUpperCase(), userName: 'two' }))
    expect(errors).toMatchObject([{ code: 'DuplicateUserId' }])
    expect(await findUser(token, id)).toMatchObject({ userName: 'one' })
  })

  test.each([
    ['{"HasDigit":true}', 'abc', ['PasswordRequiresDigit'], "Passwords must have at least one digit ('0'-'9')."],
    [
      '{"HasLowercase":true}',
      'ABC',
      ['PasswordRequiresLower'],
      "Passwords must have at least one lowercase ('a'-'z').",
    ],
    [
      '{"HasUppercase":true}',
      'abc',
      ['PasswordRequiresUpper'],
      "Passwords must have at least one uppercase ('A'-'Z').",
    ],
    [
      '{"HasSpecialCharacter":true}',
      'abc',
      ['PasswordRequiresNonAlphanumeric'],
      'Passwords must have at least one non alphanumeric character.',
    ],
    ['{"Length":"10"}', '123456789', ['PasswordTooShort'], 'Passwords must be at least 10 characters.'],
    [
      '{"HasDigit":true,"HasLowercase":true,"HasUppercase":true,"HasSpecialCharacter":true,"Length":2}',
      'é'.slice(0, 1),
      ['PasswordTooShort', 'PasswordRequiresDigit', 'PasswordRequiresLower', 'PasswordRequiresUpper'],
      undefined,
    ],
  ])('under the rule %s the password %s breaks %j', async (value, password, codes, description) => {
    const settings = [{ key: 'Auth.Password.PasswordComplexity', value }]
    await answer(await call('PUT', '/api/Setting', { token, json: { settings, partitionGlobalId: partition } }))
    const errors = await errorsOf(await create({ userName: 'x', password }))
    expect(errors.map(({ code }) => code)).toEqual(codes)
    if (description) expect(errors[0]?.description).toBe(description)
    expect((await stored(token, partition)).totalCount).toBe(1)
    await created({ userName: 'unchecked', password, validatePassword: false })
    await created({ userName: 'strong', password: 'Aa1!Aa1!Aa1!' })
  })

  test.each([
    ['a', ['PasswordTooShort', 'PasswordRequiresDigit']],
    ['abcdef1', ['PasswordTooShort']],
    ['abcdefgh', ['PasswordRequiresDigit']],
    ['ABCDEFG1', ['PasswordRequiresLower']],
  ])('without a rule of the partition the password %s breaks %j', async (password, codes) => {
    const errors = await errorsOf(await create({ userName: 'x', password }))
    expect(errors.map(({ code }) => code)).toEqual(codes)
    await created({ userName: 'strong', password: 'abcdefg1' })
  })
})

describe('POST /api/User > 400 as a problem, and nothing created', () => {
  test.each([
    [{ id: 'ada' }, 'id', "The value 'ada' is not valid."],
    [{ id: '00000000-0000-0000-0000-000000000000' }, 'id', undefined],
    [{ email: 'no email' }, 'email', 'The field Email is invalid.'],
    [{ email: '@' }, 'email', undefined],
    [{ email: 'a@b@c' }, 'email', undefined],
    [{ userName: 'a\0b' }, 'userName', undefined],
    [{ userName: 'a'.repeat(257) }, 'userName', undefined],
    [{ type: 'robotAccount' }, 'type', "The value 'robotAccount' is not valid."],
    [{ type: 7 }, 'type', undefined],
    [{ legacyId: 1.5 }, 'legacyId', undefined],
    [{ groupIDs: [''] }, 'groupIDs[0]', undefined],
    [{ invitationAccepted: 'yes' }, 'invitationAccepted', undefined],
  ])('%j is not valid in %s', async (body, field, message) => {
    const { errors } = await answer<{ errors: Record<string, string[]> }>(await create({ userName: 'x', ...body }), 400)
    expect(Object.keys(errors)).toEqual([field])
    if (message) expect(errors[field]).toEqual([message])
    expect((await stored(token, partition)).totalCount).toBe(1)
  })
})

describe('POST /api/User > refusals leave nothing behind', () => {
  test('403 in a partition that is not the caller’s, 404 in one that is unknown', async () => {
    const other = await createPartition()
    await answer(await create({ userName: 'x', partitionGlobalId: other }), 403)
    expect((await stored(await adminOf(other), other)).totalCount).toBe(0)
    await answer(await create({ userName: 'x', partitionGlobalId: crypto.randomUUID() }, await hostAdmin()), 404)
  })

  test('a group of another partition is unknown', async () => {
    const theirs = crypto.randomUUID()
    await createPartition({ groups: [customGroup(theirs, 'Theirs')] })
    expect(await errorsOf(await create({ userName: 'x', groupIDs: [theirs] }))).toMatchObject([
      { code: 'GroupNotFound' },
    ])
  })

  test('names, emails and ids of another partition are free', async () => {
    const other = await createPartition()
    const id = crypto.randomUUID()
    const body = { id, userName: 'twin', email: 'twin@example.com' }
    await answer(await create(body))
    await answer(await create(body, await adminOf(other)))
  })
})

test('of 200 creations of one user name at once exactly one succeeds, and it is counted once', async () => {
  const attempts = Array.from({ length: 200 }, (_, index) =>
    create({ userName: index % 2 ? 'Same' : 'same', email: `${index}@example.com`, groupIDs: [crew] }),
  )
  const statuses = (await Promise.all(attempts)).map(({ status }) => status)
  expect(statuses.filter((status) => status === 200)).toHaveLength(1)
  expect(statuses.filter((status) => status === 400)).toHaveLength(199)
  expect((await stored(token, partition)).totalCount).toBe(2)
  expect((await groupOf(token, partition, crew)).members).toHaveLength(2)
})
