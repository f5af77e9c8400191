// Users of one partition are out of reach for callers of another, and for users who do not administer their own.
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { ADMINISTRATORS } from '../../src/auth/administrators.ts'
import { EVERYONE } from '../../src/groups/group.schema.ts'
import { adminOf, answer, call, createPartition, customGroup, hostAdmin, mint, user } from '../support/tenant.ts'
import { findUser } from '../support/users.ts'

const [theirs, group] = [crypto.randomUUID(), crypto.randomUUID()]
let mine: string
let other: string

beforeEach(async () => {
  mine = await createPartition({ entities: [user('boss'), user('plain')] })
  other = await createPartition({ entities: [user(theirs)], groups: [customGroup(group, 'Theirs', [theirs])] })
  const administrators = { name: 'Administrators', directoryUserIDsToAdd: ['boss'] }
  await answer(await call('PUT', `/api/Group/${ADMINISTRATORS}`, { token: await adminOf(mine), json: administrators }))
})

const redirectUrl = 'https://cloud.uipath.com/portal_/acceptInvite'

/** Every operation, with the ids of `partition` and of a user in it; `groups` are for those that take groups. */
const requests = (partition: string, id: string, groups: readonly string[] = []) =>
  ({
    list: ['GET', `/api/User/users/${partition}?searchTerm=user`, undefined],
    'list by UserPartition': ['GET', `/api/UserPartition/users/${partition}`, undefined],
    read: ['GET', `/api/User/${id}`, undefined],
    attempts: ['GET', `/api/User/${id}/loginAttempts`, undefined],
    create: ['POST', '/api/User', { userName: 'new', partitionGlobalId: partition, groupIDs: groups }],
    'create many': ['POST', '/api/User/BulkCreate', { users: [{ userName: 'new' }], partitionGlobalId: partition }],
    change: ['PUT', `/api/User/${id}`, { name: 'Changed', isActive: false, groupIDsToRemove: groups }],
    password: ['POST', `/api/User/${id}/changepassword`, { oldPassword: '', newPassword: 'x' }],
    delete: ['DELETE', `/api/User/${id}`, undefined],
    'delete many': ['DELETE', '/api/User', { userIds: [id], partitionGlobalId: partition }],
    invite: ['POST', '/api/User/InviteUsers', [{ email: 'new@example.com', redirectUrl, groupIDs: groups }]],
  }) as const

async function dump() {
  const tables = ['directory_entities', 'users', 'groups', 'group_members', 'directory_counts']
  const rows = await env.DB.batch(tables.map((name) => env.DB.prepare(`select * from ${name}`)))
  return rows.map(({ results }) => results)
}

async function statuses(token: string, ...asked: Parameters<typeof requests>) {
  const found: Record<string, number> = {}
  for (const [name, [method, path, json]] of Object.entries(requests(...asked))) {
    found[name] = (await call(method, path, { token, json })).status
  }
  return found
}

describe('a caller', () => {
  test('of one partition neither sees nor changes a user of another by any operation', async () => {
    const before = await dump()
    const unreached = { read: 404, attempts: 404, change: 404, password: 404, delete: 404, invite: 200 }
    const named = { list: 403, 'list by UserPartition': 403, create: 403, 'create many': 403, 'delete many': 403 }
    for (const token of [await adminOf(mine), await mint({ prt_id: mine, sub: 'boss', sub_type: 'user' })]) {
      expect(await statuses(token, other, theirs, [group])).toEqual({ ...unreached, ...named })
    }
    expect(await dump()).toEqual(before)
  })

  test('who administers the host reaches a partition where it names it, and only there', async () => {
    const unreached = { read: 404, attempts: 404, change: 404, password: 404, delete: 404, invite: 200 }
    expect(await statuses(await hostAdmin(), other, theirs, [group])).toMatchObject(unreached)
    await answer(await call('GET', `/api/User/${theirs}`, { token: await adminOf(other) }), 404)
  })

  test('who is a user and no administrator is refused by every operation on others, and changes nothing', async () => {
    const before = await dump()
    const token = await mint({ prt_id: mine, sub: 'plain', sub_type: 'user' })
    for (const [name, status] of Object.entries(await statuses(token, mine, 'boss'))) {
      expect([name, status]).toEqual([name, 403])
    }
    expect(await dump()).toEqual(before)
  })

  test('who is a user loses its rights with its membership', async () => {
    const token = await mint({ prt_id: mine, sub: 'boss', sub_type: 'user' })
    expect(await findUser(token, 'boss')).toMatchObject({ groupIDs: [EVERYONE, ADMINISTRATORS] })
    await answer(await call('PUT', '/api/User/boss', { token, json: { groupIDsToRemove: [ADMINISTRATORS] } }))
    await answer(await call('GET', '/api/User/plain', { token }), 403)
    expect(await findUser(token, 'boss')).toMatchObject({ groupIDs: [EVERYONE] })
  })
})
