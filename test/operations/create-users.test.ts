// POST /api/User/BulkCreate: all users or none. POST /api/User/InviteUsers: each on its own.
import { beforeEach, describe, expect, test } from 'vitest'
import type * as z from 'zod/mini'
import { EVERYONE } from '../../src/groups/group.schema.ts'
import type { CreatedUsers, InvitedUsers } from '../../src/users/write-user.schema.ts'
import { adminOf, answer, call, createPartition, customGroup, hostAdmin, ORIGIN, user } from '../support/tenant.ts'
import { EVERY_FIELD, findUser, groupOf, stored } from '../support/users.ts'

/** Nobody's, and no group's. */
const NIX = '7e57ab1e-0000-4000-8000-00000000000a'

let partition: string
let token: string

const [one, two] = [crypto.randomUUID(), crypto.randomUUID()]

beforeEach(async () => {
  const entities = [{ ...user('ada'), email: 'ada@example.com' }]
  partition = await createPartition({ entities, groups: [customGroup(one, 'One', ['ada']), customGroup(two, 'Two')] })
  token = await adminOf(partition)
})

const membersOf = async (group: string) => (await groupOf(token, partition, group)).members.map(({ name }) => name)

/** Invitations that make 10,001 memberships, though none of their lists is too long. */
const MANY = Array.from({ length: 11 }, () => ({ groupIDs: Array.from({ length: 910 }, () => crypto.randomUUID()) }))

describe('POST /api/User/BulkCreate', () => {
  const bulk = async (body: object, as = token) => call('POST', '/api/User/BulkCreate', { token: as, json: body })
  const outcome = async (body: object, status = 200, as = token) =>
    answer<z.infer<typeof CreatedUsers>>(await bulk(body, as), status)

  test('200 with the users as they are, in the order of the request and in all groups', async () => {
    const names = ['zoe', 'bob', 'Mia']
    const users = names.map((userName) => ({ userName, email: `${userName}@example.com`, type: 'user' }))
    const { result, users: created } = await outcome({ users, partitionGlobalId: partition, groupIDs: [two, one, two] })
    expect(result).toEqual({ succeeded: true, errors: [] })
    expect(created.map(({ userName }) => userName)).toEqual(names)
    expect((await stored(token, partition)).results.slice(1)).toEqual(created)
    for (const row of created) expect(row.groupIDs).toEqual([EVERYONE, one, two])
    for (const row of created) expect(Object.keys(row)).toEqual(EVERY_FIELD)
    expect([await membersOf(one), await membersOf(two)]).toEqual([['ada', ...names], names])
  })

  test('200 for 1,000 users at once, and for none', async () => {
    const users = Array.from({ length: 1000 }, (_, index) => ({
      userName: `u${index}`,
      email: `u${index}@example.com`,
    }))
    expect((await outcome({ users, groupIDs: [one] })).users).toHaveLength(1000)
    expect((await stored(token, partition)).totalCount).toBe(1001)
    expect(await outcome({ users: [] })).toEqual({ result: { succeeded: true, errors: [] }, users: [] })
  })

  test('200 for as much as a body can hold', async () => {
    const long = (index: number) => `${'\u{2028}'.repeat(120)}a${index}${'é'.repeat(120)}`
    const users = Array.from({ length: 830 }, (_, index) => ({ userName: `a${long(index)}`, name: long(index) }))
    expect(new TextEncoder().encode(JSON.stringify({ users })).length).toBeGreaterThan(1_000_000)
    expect((await outcome({ users })).users).toHaveLength(830)
  })

  test.each([
    [[{ userName: 'ADA', email: 'ADA@example.com' }], ['DuplicateUserName', 'DuplicateEmail']],
    [[{ userName: '' }], ['InvalidUserName']],
    [[{ userName: 'x' }, { userName: 'X' }], ['DuplicateUserName']],
    [
      [
        { userName: 'x', email: 'e@e.e' },
        { userName: 'y', email: 'E@e.e' },
      ],
      ['DuplicateEmail'],
    ],
    [
      [
        { userName: 'x', id: one },
        { userName: 'y', id: one.toUpperCase() },
      ],
      ['DuplicateUserId'],
    ],
    [
      [{ userName: 'x' }, {}, { userName: 'ada' }],
      ['InvalidUserName', 'DuplicateUserName'],
    ],
  ])('400 for one bad user among good ones: %j, and none is created', async (bad, codes) => {
    const users = [{ userName: 'good' }, ...bad, { userName: 'fine' }]
    const { result, users: created } = await outcome({ users, groupIDs: [one] }, 400)
    expect(result.succeeded).toBe(false)
    expect(result.errors.map(({ code }) => code)).toEqual(codes)
    expect(created).toEqual([])
    expect((await stored(token, partition)).totalCount).toBe(1)
    expect(await membersOf(one)).toEqual(['ada'])
  })

  test('400 for an unknown group, which is named', async () => {
    const { result } = await outcome({ users: [{ userName: 'x' }], groupIDs: [one, NIX] }, 400)
    expect(result.errors).toEqual([{ code: 'GroupNotFound', description: `Group '${NIX}' was not found.` }])
    expect((await stored(token, partition)).totalCount).toBe(1)
  })

  test('400 for 1,000 unknown groups, some of which are named', async () => {
    const groupIDs = Array.from({ length: 1000 }, () => crypto.randomUUID())
    const { result } = await outcome({ users: [{ userName: 'x' }], groupIDs }, 400)
    expect(result.errors).toHaveLength(100)
    expect((await stored(token, partition)).totalCount).toBe(1)
  })

  test.each([
    [{}, 'users'],
    [{ users: null }, 'users'],
    [{ users: [{ userName: 'x', email: 'none' }] }, 'users[0].email'],
    [{ users: Array.from({ length: 1001 }, (_, index) => ({ userName: `u${index}` })) }, 'users'],
    [{ users: [{ userName: 'x' }], groupIDs: Array.from({ length: 1001 }, () => NIX) }, 'groupIDs'],
    [
      { users: Array.from({ length: 101 }, (_, n) => ({ userName: `u${n}` })), groupIDs: Array(100).fill(NIX) },
      'groupIDs',
    ],
  ])('400 as a problem for %o', async (body, field) => {
    const { errors } = await answer<{ errors: object }>(await bulk(body), 400)
    expect(Object.keys(errors)).toEqual([field])
  })

  test('403 in another partition, 404 in one that is unknown', async () => {
    const other = await createPartition()
    const users = [{ userName: 'x' }]
    await answer(await bulk({ users, partitionGlobalId: other }), 403)
    for (const listed of [users, []]) {
      const body = { users: listed, partitionGlobalId: crypto.randomUUID() }
      await answer(await bulk(body, await hostAdmin()), 404)
    }
    expect((await stored(await adminOf(other), other)).totalCount).toBe(0)
  })
})

describe('POST /api/User/InviteUsers', () => {
  const redirectUrl = 'https://cloud.uipath.com/portal_/acceptInvite'
  const NOBODY = '00000000-0000-0000-0000-000000000000'
  const invite = async (entries: unknown, status = 200) =>
    answer<z.infer<typeof InvitedUsers>>(await call('POST', '/api/User/InviteUsers', { token, json: entries }), status)

  test('200 with an id for each, and the users have yet to accept', async () => {
    const entries = [
      { email: 'bob@example.com', name: 'Bob', surname: 'B', redirectUrl, groupIDs: [one], language: 'en' },
      { EMAIL: 'cay@example.com', redirectUrl, groupIDs: [two, one] },
      { email: 'dee@example.com', redirectUrl, groupIDs: null },
    ]
    const { result, users } = await invite(entries)
    expect(result).toEqual({ succeeded: true, errors: [] })
    expect(Object.keys(users[0] ?? {})).toEqual(['email', 'id', 'errorMsg', 'success'])
    for (const entry of users) expect(entry).toMatchObject({ success: true, errorMsg: null })
    const [bob, cay, dee] = await Promise.all(users.map(({ id }) => findUser(token, id)))
    expect(bob).toMatchObject({
      userName: 'bob@example.com',
      email: 'bob@example.com',
      displayName: 'Bob B',
      invitationAccepted: false,
      groupIDs: [EVERYONE, one],
    })
    expect([cay?.groupIDs, dee?.groupIDs]).toEqual([[EVERYONE, one, two], [EVERYONE]])
    expect(await membersOf(one)).toEqual(['ada', 'bob@example.com', 'cay@example.com'])
  })

  test('200: who cannot be invited is named, the others are invited', async () => {
    const entries = [
      { email: 'bob@example.com', redirectUrl, groupIDs: [one] },
      { email: 'cay@example.com', redirectUrl: 'https://evil.example/portal_/login', groupIDs: [one] },
      { email: 'ADA@example.com', redirectUrl, groupIDs: [two] },
      { email: 'BOB@example.com', redirectUrl },
      { email: 'none', redirectUrl },
      { redirectUrl },
      { email: 'dee@example.com', redirectUrl, groupIDs: [one, NIX] },
      { email: 'eve@example.com', redirectUrl },
    ]
    const { result, users } = await invite(entries)
    expect(result).toEqual({ succeeded: true, errors: [] })
    expect(users.map(({ success }) => success)).toEqual([true, false, false, false, false, false, false, true])
    for (const { success, id } of users) expect(id === NOBODY).toBe(!success)
    expect(users.map(({ errorMsg }) => errorMsg)).toEqual([
      null,
      'Redirect URL is not valid',
      "Email 'ADA@example.com' is already taken.",
      "Username 'BOB@example.com' is already taken. Email 'BOB@example.com' is already taken.",
      "Email 'none' is invalid.",
      "Email '' is invalid.",
      `Group '${NIX}' was not found.`,
      null,
    ])
    expect((await stored(token, partition)).totalCount).toBe(3)
    expect([await membersOf(one), await membersOf(two)]).toEqual([['ada', 'bob@example.com'], []])
  })

  test('200 where nobody can be invited: each entry says why', async () => {
    const { result, users } = await invite([{ email: 'bob@example.com', redirectUrl: 'nowhere' }])
    expect(result).toEqual({ succeeded: true, errors: [] })
    expect(users).toEqual([
      { email: 'bob@example.com', id: NOBODY, errorMsg: 'Redirect URL is not valid', success: false },
    ])
    expect((await stored(token, partition)).totalCount).toBe(1)
  })

  test.each([
    (org: string) =>
      `${ORIGIN}/${org}/portal_/acceptInvite?organizationId=${partition}&organizationName=${org}&language=en`,
    () => `${ORIGIN}/portal_/acceptInvite`,
    () => `${ORIGIN}/${partition.toUpperCase()}/portal_/acceptinvite/`,
    (org: string) => `https://cloud.uipath.com/${org}/portal_/acceptInvite?emailForUserinvite=bob%40example.com`,
    () => 'https://staging.uipath.com/portal_/acceptInvite',
  ])('a portal of the organization is one to redirect to: %s', async (url) => {
    const { users } = await invite([{ email: 'bob@example.com', redirectUrl: url(`org-${partition}`) }])
    expect(users).toMatchObject([{ success: true, errorMsg: null }])
  })

  test.each([
    'https://evil.example/portal_/acceptInvite',
    'https://cloud.uipath.com@evil.example/portal_/acceptInvite',
    'https://me@cloud.uipath.com/portal_/acceptInvite',
    'https://cloud.uipath.com.evil.example/portal_/acceptInvite',
    'https://api.uipath.com/portal_/acceptInvite',
    'https://cloud.uipath.com/acme/portal_/acceptInvite',
    'https://cloud.uipath.com/%ff/portal_/acceptInvite',
    'https://cloud.uipath.com/portal_/acceptInvite?organizationName=acme',
    `https://cloud.uipath.com/portal_/acceptInvite?organizationId=${crypto.randomUUID()}`,
    'https://cloud.uipath.com/portal_/login',
    'https://cloud.uipath.com/a/b/portal_/acceptInvite',
    'ftp://cloud.uipath.com/portal_/acceptInvite',
    `${ORIGIN}/acme/portal_/acceptInvite`,
    '/portal_/acceptInvite',
    '',
    null,
  ])('nothing else is: %s', async (redirectUrl) => {
    const { users } = await invite([{ email: 'bob@example.com', redirectUrl }])
    expect(users).toEqual([
      { email: 'bob@example.com', id: NOBODY, errorMsg: 'Redirect URL is not valid', success: false },
    ])
  })

  test('200 for 100 entries, each in groups of its own', async () => {
    const entries = Array.from({ length: 100 }, (_, index) => ({
      ...{ email: `${index}@example.com`, redirectUrl },
      groupIDs: [[one], [two], [one, two], [two, one], []][index % 5],
    }))
    await invite(entries)
    expect((await groupOf(token, partition, one)).members).toHaveLength(61)
    expect((await groupOf(token, partition, two)).members).toHaveLength(60)
  })

  test('200 for 1,000 unknown groups, and nobody is invited', async () => {
    const groupIDs = Array.from({ length: 1000 }, () => crypto.randomUUID())
    const { users } = await invite([{ email: 'bob@example.com', redirectUrl, groupIDs }])
    expect(users).toMatchObject([{ success: false }])
    expect((await stored(token, partition)).totalCount).toBe(1)
  })

  test.each([[[]], [{}], [[1]], [[{ email: {} }]], [Array.from({ length: 101 }, () => ({}))], [MANY]])(
    '400 for %o',
    async (body) => {
      await answer(await call('POST', '/api/User/InviteUsers', { token, json: body }), 400)
    },
  )
})
