// PUT /api/Group/{groupId} and PUT /api/Group/{partitionGlobalId}/{groupId}: one change of a group, on either path.
// After every refusal the partition's groups and their members have to be what they were.
import { describe, expect, test } from 'vitest'
import { USER_TYPE } from '../../src/directory/member.ts'
import type { Group } from '../../src/groups/group.schema.ts'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'
import { adminOf, answer, call, createPartition, customGroup, hostAdmin, user } from '../support/tenant.ts'

/** Nobody's, and no group's. */
const NIX = '7e57ab1e-0000-4000-8000-00000000000a'

const WIZARDS = '3c0ffee0-0000-4000-8000-00000000aaaa'
const WITCHES = 'witch-01'
const EVERYONE = 'ce684f6f-5af3-4e43-8516-1adad6e98fc9'
const SHORT = 'PUT /api/Group/{groupId}'
const LONG = 'PUT /api/Group/{partitionGlobalId}/{groupId}'

/** Where a call goes and what its body says of the partition. */
type Target = (partition: string, group: string) => { path: string; named?: { partitionGlobalId: string } }
const OPERATIONS: [string, Target][] = [
  [SHORT, (partitionGlobalId, group) => ({ path: `/api/Group/${group}`, named: { partitionGlobalId } })],
  [LONG, (partition, group) => ({ path: `/api/Group/${partition}/${group}` })],
]

const DIRECTORY = ['ann', 'bob', 'cyd', 'dan']

/** A partition of four users and a robot, a group of Ann and Bob and one of nobody. A bare `put` changes nothing. */
async function createScene(target: Target) {
  const entities = [...DIRECTORY.map(user), { ...user('rob'), type: USER_TYPE.robotAccount }]
  const groups = [customGroup(WIZARDS, 'Wizards', ['bob', 'ann']), customGroup(WITCHES, 'Witches')]
  const own = await createPartition({ entities, groups })
  const admin = await adminOf(own)
  const put = (json: object | string = {}, { partition = own, group = WIZARDS, token = admin, headers = {} } = {}) => {
    const { path, named } = target(partition, group)
    const body = typeof json === 'string' ? json : { ...named, name: 'Wizards', ...json }
    return call('PUT', path, { token, headers, json: body })
  }
  const change = async (json?: object, group = WIZARDS) => answer<Group>(await put(json, { group }))
  const read = async (group = WIZARDS) =>
    answer<Group>(await call('GET', `/api/Group/${own}/${group}`, { token: admin }))
  const state = () => Promise.all([WIZARDS, WITCHES, EVERYONE].map(read))
  const refused = async (status: number, ...request: Parameters<typeof put>) => {
    const before = await state()
    const body = await answer(await put(...request), status)
    expect(await state()).toEqual(before)
    return body
  }
  return { partition: own, put, change, read, refused }
}

const ids = (group: Group) => group.members.map(({ identifier }) => identifier)
const add = (...added: string[]) => ({ directoryUserIDsToAdd: added })
const problemIn = (field: string, message = expect.any(String)) => ({ errors: { [field]: [message] } })

describe.each(OPERATIONS)('%s > 200: the group', (_, target) => {
  test('when it is renamed: the whole group in the answer and afterwards, modified now', async () => {
    const { put, read } = await createScene(target)
    const start = Date.now()
    const response = await put({ name: 'Hags' }, { group: WITCHES })
    expect(response.headers.get('Content-Type')).toBe('application/json; charset=utf-8')
    const group = await answer<Group>(response)
    expect(JSON.stringify({ ...group, lastModificationTime: 'now' })).toBe(
      `{"id":"${WITCHES}","name":"Hags","displayName":"Hags","type":1,"creationTime":"2024-02-29T12:00:00.5","lastModificationTime":"now","members":[]}`,
    )
    expect(group.lastModificationTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,6}[1-9])?$/)
    const modified = Date.parse(`${group.lastModificationTime}Z`)
    expect(modified).toBeGreaterThanOrEqual(start)
    expect(modified).toBeLessThanOrEqual(Date.now())
    expect(await read(WITCHES)).toEqual(group)
  })

  test('when the new name is its own in another case, or one that another group gave up', async () => {
    const { change } = await createScene(target)
    expect(await change({ name: 'WIZARDS' })).toMatchObject({ name: 'WIZARDS', displayName: 'WIZARDS' })
    await change({ name: 'Sorcerers' })
    expect(await change({ name: 'Wizards' }, WITCHES)).toMatchObject({ id: WITCHES, name: 'Wizards' })
  })

  test('when it is built-in and takes a member: it keeps its name, in whatever case that is sent', async () => {
    const { change } = await createScene(target)
    const group = await change({ name: 'EVERYONE', directoryUserIDsToAdd: ['dan'] }, EVERYONE)
    expect(group).toMatchObject({ name: 'Everyone', displayName: 'Everyone', type: 0 })
    expect(ids(group)).toEqual(['dan'])
  })

  test('when another partition has the same group ids, entity ids and names: that one stays as it was', async () => {
    const [ours, theirs] = [await createScene(target), await createScene(target)]
    const before = [await theirs.read(), await theirs.read(EVERYONE)]
    await ours.change({ name: 'Sorcerers', directoryUserIDsToAdd: ['cyd'], directoryUserIDsToRemove: ['ann'] })
    await ours.change({ name: 'Everyone', directoryUserIDsToAdd: DIRECTORY }, EVERYONE)
    expect([await theirs.read(), await theirs.read(EVERYONE)]).toEqual(before)
    await theirs.change({ name: 'Sorcerers' })
  })
})

describe.each(OPERATIONS)('%s > 200: the members', (_, target) => {
  test.each([
    ['some are added and some removed: in directory order', ['dan', 'cyd'], ['bob'], ['ann', 'cyd', 'dan']],
    ['one of another kind is added', ['rob'], [], ['ann', 'bob', 'rob']],
    ['a present one is added, and one twice', ['bob', 'dan', 'dan', 'DAN'], [], ['ann', 'bob', 'dan']],
    ['an absent and an unknown one are removed, and one twice', [], ['dan', NIX, 'ann', 'Ann'], ['bob']],
    ['an id is in both lists: it ends as it was', ['ann', 'cyd'], ['CYD', 'ANN'], ['ann', 'bob']],
    ['ids are spelled in any case', ['CYD'], ['BoB'], ['ann', 'cyd']],
    ['all are removed', [], DIRECTORY, []],
    ['the lists are null', null, null, ['ann', 'bob']],
  ])('when %s', async (_case, directoryUserIDsToAdd, directoryUserIDsToRemove, expected) => {
    const { change, read } = await createScene(target)
    const group = await change({ directoryUserIDsToAdd, directoryUserIDsToRemove })
    expect(ids(group)).toEqual(expected)
    expect(group.lastModificationTime).not.toBeNull()
    expect(await read()).toEqual(group)
  })
})

describe.each(OPERATIONS)('%s > 200: the wire', (_, target) => {
  test('when property names and path literals come in any case, beside unknown properties', async () => {
    const { partition } = await createScene(target)
    const path = `/Acme/Main/IDENTITY_${target(partition, WIZARDS).path.toUpperCase()}/?x=1`
    const lists = { DirectoryUserIdsToAdd: ['cyd'], DIRECTORYUSERIDSTOREMOVE: ['ann'], Members: [], id: 7 }
    const json = { PartitionGlobalID: partition.toUpperCase(), NAME: 'Sorcerers', ...lists }
    const group = await answer<Group>(await call('PUT', path, { token: await adminOf(partition), json }))
    expect(group).toMatchObject({ id: WIZARDS, name: 'Sorcerers' })
    expect(ids(group)).toEqual(['bob', 'cyd'])
  })

  test.each([undefined, null, ''])('when the body names no partition (%j)', async (partitionGlobalId) => {
    const { change, read } = await createScene(target)
    expect(await change({ partitionGlobalId, name: 'Sorcerers' })).toEqual(await read())
  })

  const types = ['text/json', 'TEXT/JSON; charset=utf-8', 'Application/JSON', 'application/json-patch+json']
  test.each(types)('when the body comes as %s', async (type) => {
    const { put } = await createScene(target)
    const response = await put({ name: 'Sorcerers' }, { headers: { 'Content-Type': type } })
    expect(await answer(response)).toMatchObject({ name: 'Sorcerers' })
  })

  test('when the caller holds only PM.Group or PM.Group.Write, or is a host administrator', async () => {
    const { partition, put } = await createScene(target)
    await answer(await put({}, { token: await adminOf(partition, ['PM.Group']) }))
    await answer(await put({}, { token: await adminOf(partition, ['PM.Group.Write']) }))
    await answer(await put({ partitionGlobalId: partition }, { token: await hostAdmin() }))
  })
})

describe(`${SHORT} > 200`, () => {
  test('when a host administrator names no partition: the host partition’s group', async () => {
    const token = await hostAdmin()
    const group = await answer(await call('PUT', `/api/Group/${EVERYONE}`, { token, json: { name: 'Everyone' } }))
    expect(group).toEqual(await answer(await call('GET', `/api/Group/${HOST_PARTITION}/${EVERYONE}`, { token })))
  })
})

describe.each(OPERATIONS)('%s > 400', (_, target) => {
  test.each<[string, object | string, string]>([
    ['an id to add is unknown', { ...add('cyd', NIX), name: 'New' }, 'directoryUserIDsToAdd'],
    ['it is to be removed too', { ...add(NIX), directoryUserIDsToRemove: [NIX] }, 'directoryUserIDsToAdd'],
    ['it is a GUID', add('cyd', WIZARDS), 'directoryUserIDsToAdd'],
    ['it has an unpaired surrogate', add('\ud800'), 'directoryUserIDsToAdd'],
    ['an id to remove is empty', { directoryUserIDsToRemove: ['ann', ''] }, 'directoryUserIDsToRemove[1]'],
    ['the name has a NUL', { name: 'New\0', ...add('cyd') }, 'name'],
    ['the body is null', 'null', ''],
    ['the body is an array', '[{"name":"New"}]', ''],
  ])('when %s', async (_case, json, field) => {
    const { refused } = await createScene(target)
    expect(await refused(400, json)).toMatchObject(problemIn(field))
  })

  test('when an id to add is another partition’s, told by its name', async () => {
    const { refused } = await createScene(target)
    await createPartition({ entities: [user(NIX)] })
    const problem = await refused(400, { name: 'New', ...add('dan', NIX) })
    expect(problem).toMatchObject(problemIn('directoryUserIDsToAdd', expect.stringContaining(NIX)))
  })

  test('when a value has the wrong type: it is not said to be missing', async () => {
    const { refused } = await createScene(target)
    for (const json of [{ name: [7] }, { directoryUserIDsToAdd: [7] }, { directoryUserIDsToAdd: 'ann' }, '[]']) {
      expect(JSON.stringify(await refused(400, json))).not.toMatch(/required/)
    }
  })

  test('when the group, or the partition for a host administrator, is neither a GUID nor known', async () => {
    const { refused } = await createScene(target)
    const message = (id: string) => `The value '${id}' is not valid.`
    expect(await refused(400, {}, { group: 'gryff-01' })).toMatchObject(problemIn('groupId', message('gryff-01')))
    const problem = await refused(400, {}, { partition: 'no-org', token: await hostAdmin() })
    expect(problem).toMatchObject(problemIn('partitionGlobalId', expect.stringContaining('no-org')))
  })
})

describe.each(OPERATIONS.filter(([name]) => name === LONG))('%s > 400', (_, target) => {
  test('when the body names another partition than the path, even to a host administrator', async () => {
    const { refused } = await createScene(target)
    const elsewhere = { partitionGlobalId: await createPartition(), name: 'New' }
    expect(await refused(400, elsewhere)).toMatchObject(problemIn('partitionGlobalId'))
    await refused(400, elsewhere, { token: await hostAdmin() })
  })
})

describe.each(OPERATIONS)('%s > 401', (_, target) => {
  test('when there is no token', async () => {
    const { refused } = await createScene(target)
    expect(await refused(401, { name: 'New' }, { token: '' })).toBeNull()
  })
})

describe.each(OPERATIONS)('%s > 403', (_, target) => {
  test('when the token holds only PM.Group.Read', async () => {
    const { partition, refused } = await createScene(target)
    const token = await adminOf(partition, ['PM.Group.Read'])
    const errorMessage = "Scope(s) 'PM.Group.Read' is(are) invalid. Expect to have 'PM.Group' or 'PM.Group.Write'. "
    expect(await refused(403, { name: 'New' }, { token })).toEqual({ errorMessage })
  })

  test('when the partition is not the caller’s: known, unknown, seeded or the host', async () => {
    const { partition: own, refused } = await createScene(target)
    const token = await adminOf(await createPartition())
    for (const partition of [own, crypto.randomUUID(), 'magic-7', HOST_PARTITION]) {
      await refused(403, { name: 'New', ...add(NIX) }, { token, partition })
    }
  })
})

describe.each(OPERATIONS)('%s > 404', (_, target) => {
  test('when no group of the partition has the GUID, or no partition for a host administrator', async () => {
    const { refused } = await createScene(target)
    const group = crypto.randomUUID()
    await createPartition({ groups: [customGroup(group, 'Elsewhere')] })
    await refused(404, { name: 'New' }, { group })
    await refused(404, { name: 'New' }, { partition: crypto.randomUUID(), token: await hostAdmin() })
  })
})

describe.each(OPERATIONS)('%s > 409', (_, target) => {
  const lists = { directoryUserIDsToAdd: ['cyd'], directoryUserIDsToRemove: ['ann'] }

  test.each([undefined, null, '', '  '])('when the name is %j', async (name) => {
    const { refused } = await createScene(target)
    expect(await refused(409, { name, ...lists })).toEqual({ errorMessage: expect.any(String) })
  })

  test.each([
    ['another group has the name, in whatever case', 'wITCHES', WIZARDS, /already exists/],
    ['a built-in group has the name', 'Administrators', WIZARDS, /already exists/],
    ['a built-in group is to be renamed', 'Nobody', EVERYONE, /Everyone/],
    ['a built-in group is to take another’s name', 'Witches', EVERYONE, /./],
  ])('when %s', async (_case, name, group, message) => {
    const { refused } = await createScene(target)
    const body = await refused(409, { name, ...lists }, { group })
    expect(body).toEqual({ errorMessage: expect.stringMatching(message) })
  })
})
