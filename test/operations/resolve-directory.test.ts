// /api/Directory: entities by id and by name, memberships, and what the directory says of itself.
import { beforeAll, describe, expect, test } from 'vitest'
import type { EntitySeed } from '../../src/directory/directory.seed.ts'
import { adminOf, answer, call, createPartition, customGroup, hostAdmin, mint, user } from '../support/tenant.ts'

const EVERYONE = 'ce684f6f-5af3-4e43-8516-1adad6e98fc9'

const entity = (id: string, type: number, name: string, email = ''): EntitySeed => ({ ...user(id), type, name, email })

let partition: string
let token: string

beforeAll(async () => {
  partition = await createPartition({
    entities: [
      entity('u-1', 0, 'ann', 'ann@x.org'),
      entity('u-2', 0, 'bob', 'bob@x.org'),
      entity('u-3', 0, 'bob@x.org', 'other@x.org'),
      entity('r-1', 4, 'roby'),
      entity('r-2', 4, 'ann'),
      { ...entity('a-1', 5, 'App'), applicationId: 'app-id' },
    ],
    groups: [customGroup('g-1', 'Crew', ['u-1', 'r-1']), customGroup('g-2', 'Team')],
  })
  token = await adminOf(partition)
})

const post = (operation: string, json: unknown, bearer = token) =>
  call('POST', `/api/Directory/${operation}/${partition}`, { token: bearer, json })
const objectAndId = ({ objectType, identifier }: { objectType: string; identifier: string }) =>
  `${objectType} ${identifier}`
type Entity = { objectType: string; identifier: string }

describe('POST /api/Directory/Resolve', () => {
  test.each([
    ['u-1', 'User', 'DirectoryUser u-1'],
    ['U-1', 0, 'DirectoryUser u-1'],
    ['u-1', undefined, 'DirectoryUser u-1'],
    ['r-1', 'user', 'DirectoryRobotUser r-1'],
    ['a-1', 'APPLICATION', 'DirectoryApplication a-1'],
    ['a-1', 2, 'DirectoryApplication a-1'],
    ['g-1', 'group', 'DirectoryGroup g-1'],
    [EVERYONE, '1', `DirectoryGroup ${EVERYONE}`],
  ])('200 for %s as %j', async (entityId, entityType, expected) => {
    expect(objectAndId(await answer<Entity>(await post('Resolve', { entityId, entityType })))).toBe(expected)
  })

  test('200 with a group in the shape of a directory group, a user in that of a member', async () => {
    expect(JSON.stringify(await answer(await post('Resolve', { entityId: 'g-1', entityType: 'group' })))).toBe(
      '{"objectType":"DirectoryGroup","externalId":null,"source":"local","identifier":"g-1","name":"Crew","email":null,"displayName":"Crew"}',
    )
    expect(await answer(await post('Resolve', { EntityId: 'u-1', ENTITYTYPE: 'User' }))).toMatchObject({
      email: 'ann@x.org',
    })
  })

  test.each([
    ['g-1', 'user'],
    ['u-1', 'group'],
    ['u-1', 'application'],
    ['her-1909', 'user'],
    [crypto.randomUUID(), 'user'],
  ])('404 for %s as %s', async (entityId, entityType) => {
    await answer(await post('Resolve', { entityId, entityType }), 404)
  })

  test.each([
    [{}, 'entityId'],
    [{ entityId: '' }, 'entityId'],
    [{ entityId: 'u-1', entityType: null }, 'entityType'],
    [{ entityId: 'u-1', entityType: 3 }, 'entityType'],
    [{ entityId: 'u-1', entityType: 'robot' }, 'entityType'],
  ])('400 for %j', async (json, field) => {
    expect(await answer(await post('Resolve', json), 400)).toMatchObject({ errors: { [field]: [expect.any(String)] } })
  })
})

describe('POST /api/Directory/ResolveByName', () => {
  test.each([
    ['ANN', 'user', 'DirectoryUser u-1'],
    ['Ann@X.org', 'user', 'DirectoryUser u-1'],
    ['Other@x.org', 'user', 'DirectoryUser u-3'],
    ['roby', 0, 'DirectoryRobotUser r-1'],
    ['crew', 'Group', 'DirectoryGroup g-1'],
    ['app', 'application', 'DirectoryApplication a-1'],
  ])('200 for %s as %j', async (entityName, entityType, expected) => {
    expect(objectAndId(await answer<Entity>(await post('ResolveByName', { entityName, entityType })))).toBe(expected)
  })

  test.each([
    ['nix', 'user'],
    ['crew', 'user'],
    ['ann', 'group'],
    ['Gryffindors', 'group'],
    ['ann', 'application'],
  ])('404 for %s as %s', async (entityName, entityType) => {
    await answer(await post('ResolveByName', { entityName, entityType }), 404)
  })

  test('400 without a name or with a type there is not', async () => {
    await answer(await post('ResolveByName', { entityType: 'user' }), 400)
    await answer(await post('ResolveByName', { entityName: '' }), 400)
    await answer(await post('ResolveByName', { entityName: 'ann', entityType: 'robot' }), 400)
  })
})

const DUPLICATES = {
  StatusCode: 400,
  StatusDescription: 'BadRequest',
  Message: "Duplicate usernames found in database for specified input. (Parameter 'userNamesOrEmails')",
}

test("a name that is one user's user name and another's address is a 400", async () => {
  expect(await answer(await post('ResolveByName', { entityName: 'bob@x.org' }), 400)).toEqual(DUPLICATES)
  const json = { entityNames: ['ann', 'BOB@X.org'], entityType: 'user' }
  expect(await answer(await post('BulkResolveByName', json), 400)).toEqual(DUPLICATES)
})

describe('POST /api/Directory/BulkResolveByName', () => {
  const bulk = (entityNames: unknown, entityType: unknown = 'user', bearer = token) =>
    post('BulkResolveByName', { entityNames, entityType, scope: 'any' }, bearer)

  test('200 with every name in the order of the request, null for an unknown one', async () => {
    const names = ['nix', '7', 'ann', 'OTHER@x.org', '__proto__', '1', 'Ann', 'ann', 'roby']
    const text = await (await bulk(names)).text()
    const flat = text.replace(/\{"objectType[^}]*\}/g, 'null')
    expect([...flat.matchAll(/"([^"]*)":null/g)].map(([, name]) => name)).toEqual([...new Set(names)])
    const entities: [string, Entity | null][] = Object.entries(JSON.parse(text))
    const found = entities.flatMap(([name, resolved]) => (resolved ? [[name, objectAndId(resolved)]] : []))
    expect(found).toEqual([
      ['ann', 'DirectoryUser u-1'],
      ['OTHER@x.org', 'DirectoryUser u-3'],
      ['Ann', 'DirectoryUser u-1'],
      ['roby', 'DirectoryRobotUser r-1'],
    ])
    expect(await answer(await bulk(['Crew', 'ann'], 1))).toMatchObject({ Crew: { identifier: 'g-1' }, ann: null })
    expect(await answer(await bulk([]))).toEqual({})
  })

  test('200 with a token of no scope', async () => {
    expect(await answer(await bulk(['ann'], 'user', await adminOf(partition, [])))).toMatchObject({ ann: {} })
  })

  test('400 in the shape of an exception for more than 20 names, and for names that are none', async () => {
    const names = Array.from({ length: 21 }, (_, index) => `name ${index}`)
    expect(Object.keys(await answer<object>(await bulk(names.slice(1))))).toHaveLength(20)
    const Message = expect.stringMatching(/20/)
    expect(await answer(await bulk(names), 400)).toEqual({ StatusCode: 400, StatusDescription: 'BadRequest', Message })
    const invalid = "Invalid Entity Names. (Parameter 'entityIdentifiers')"
    for (const wrong of [null, [''], ['ann', null]]) {
      expect(await answer(await bulk(wrong), 400)).toMatchObject({ StatusCode: 400, Message: invalid })
    }
  })

  test('400 for the type robot, in the real server’s words', async () => {
    const message =
      "Error converting value \"robot\" to type 'UiPath.IdentityServer.Directory.Abstractions.DataContracts.DirectoryEntityType'. Path 'entityType', line 1, position 43."
    const json = '{"entityNames":["123"],"entityType":"robot"}'
    expect(json.indexOf('}')).toBe(43)
    expect(await answer(await post('BulkResolveByName', json), 400)).toMatchObject({
      errors: { entityType: [message] },
    })
  })

  test('401 without a token, 403 elsewhere', async () => {
    await answer(await bulk(['ann'], 'user', ''), 401)
    await answer(await bulk(['ann'], 'user', await adminOf(await createPartition())), 403)
  })
})

describe('POST /api/Directory/GroupMembership', () => {
  const membership = async (userId: string, groupIds: string[]) => {
    const rows = await answer<{ identifier: string }[]>(await post('GroupMembership', { userId, groupIds }))
    return rows.map(({ identifier }) => identifier)
  }

  test('200 with the groups the account is in, Everyone among them, in the order asked for', async () => {
    expect(await membership('u-1', ['g-2', EVERYONE, crypto.randomUUID(), 'G-1', 'g-1'])).toEqual([EVERYONE, 'g-1'])
    expect(await membership('r-1', ['g-1', EVERYONE])).toEqual(['g-1', EVERYONE])
    expect(await membership('a-1', [EVERYONE])).toEqual([])
    expect(await membership('u-2', ['g-1', 'g-2'])).toEqual([])
    expect(await membership('u-1', [])).toEqual([])
  })

  test('200 and none for an account nobody knows, or another partition’s', async () => {
    expect(await membership(crypto.randomUUID(), ['g-1', EVERYONE])).toEqual([])
    expect(await membership('her-1909', [crypto.randomUUID(), EVERYONE])).toEqual([])
  })

  test('400 without an account or groups', async () => {
    for (const json of [{ groupIds: [] }, { userId: 'u-1' }, { userId: 'u-1', groupIds: [''] }]) {
      await answer(await post('GroupMembership', json), 400)
    }
  })
})

describe('GET /api/Directory/Scopes and /Tenant', () => {
  const get = (name: string, id = partition, bearer = token) =>
    call('GET', `/api/Directory/${name}/${id}`, { token: bearer })

  test('200 with the local directory, and the partition', async () => {
    expect(await answer(await get('Scopes'))).toEqual([{ name: 'local', isDefault: true }])
    expect(await answer(await get('Tenant'))).toEqual({ id: partition, displayName: `org-${partition}` })
  })

  test('403 elsewhere and for a plain user, 404 for a partition nobody knows', async () => {
    for (const name of ['Scopes', 'Tenant']) {
      await answer(await get(name, await createPartition()), 403)
      await answer(await get(name, partition, await mint({ prt_id: partition, sub: 'u-1' })), 403)
      await answer(await get(name, crypto.randomUUID(), await hostAdmin()), 404)
    }
  })
})
