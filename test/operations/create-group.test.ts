// POST /api/Group: a group under an id of the client's making. After every refusal the partition's groups are what they were.
import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { Database } from '../../src/database/database.ts'
import type { Group } from '../../src/groups/group.schema.ts'
import { plantPartition } from '../../src/partitions/partition.seed.ts'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'
import { adminOf, answer, call, createPartition, customGroup, hostAdmin, mint, user } from '../support/tenant.ts'

const NIX = '7e57ab1e-0000-4000-8000-00000000000a'
const NOX = '7e57ab1e-0000-4000-8000-00000000000b'

const EVERYONE = 'ce684f6f-5af3-4e43-8516-1adad6e98fc9'

/** A partition of three users with a group of one. */
async function createScene() {
  const taken = crypto.randomUUID()
  const entities = [...['ann', 'bob', 'cyd'].map(user), { ...user('rob'), type: 4 }]
  const partition = await createPartition({ entities, groups: [customGroup(taken, 'Wizards', ['ann'])] })
  const admin = await adminOf(partition)
  const post = (json: object, { token = admin } = {}) =>
    call('POST', '/api/Group', { token, json: { partitionGlobalId: partition, name: 'New', ...json } })
  const list = async () => answer<Group[]>(await call('GET', `/api/Group/${partition}`, { token: admin }))
  const read = async (id: string) => answer<Group>(await call('GET', `/api/Group/${partition}/${id}`, { token: admin }))
  const refused = async (status: number, ...request: Parameters<typeof post>) => {
    const before = await list()
    const body = await answer(await post(...request), status)
    expect(await list()).toEqual(before)
    return body
  }
  return { partition, taken, admin, post, list, read, refused }
}

const ids = (group: Group) => group.members.map(({ identifier }) => identifier)

describe('POST /api/Group > 201', () => {
  test('the group as it is from then on: its members in directory order, never modified', async () => {
    const { partition, post, list, read } = await createScene()
    const id = crypto.randomUUID()
    const start = Date.now()
    const response = await post({ id, directoryUserMemberIDs: ['rob', 'cyd', 'ANN', 'ann'] })
    expect(response.headers.get('Content-Type')).toBe('application/json; charset=utf-8')
    const group = await answer<Group>(response, 201)
    expect(Object.keys(group)).toEqual([
      ...['id', 'name', 'displayName', 'type', 'creationTime', 'lastModificationTime', 'members'],
    ])
    expect(group).toMatchObject({ id, name: 'New', displayName: 'New', type: 1, lastModificationTime: null })
    expect(ids(group)).toEqual(['ann', 'cyd', 'rob'])
    expect(Date.parse(`${group.creationTime}Z`)).toBeGreaterThanOrEqual(start)
    expect(await read(id)).toEqual(group)
    expect((await list()).at(-1)).toEqual({ ...group, members: [] })
    const path = `/api/Group/${partition}/${id}/Members`
    expect(await answer(await call('GET', path, { token: await hostAdmin() }))).toMatchObject({ totalCount: 3 })
  })

  test.each([undefined, null, []])('without members (%j)', async (directoryUserMemberIDs) => {
    const { post } = await createScene()
    const group = await answer<Group>(await post({ id: crypto.randomUUID(), directoryUserMemberIDs }), 201)
    expect(group.members).toEqual([])
  })

  test('an id in capitals is kept in lower case', async () => {
    const { post } = await createScene()
    const id = crypto.randomUUID()
    expect(await answer(await post({ id: id.toUpperCase() }), 201)).toMatchObject({ id })
  })

  test('in the token’s own partition where none is named', async () => {
    const { post, list } = await createScene()
    await answer(await post({ id: crypto.randomUUID(), partitionGlobalId: '' }), 201)
    expect((await list()).at(-1)).toMatchObject({ name: 'New' })
  })

  test('another partition may have the same id and name', async () => {
    const [ours, theirs] = [await createScene(), await createScene()]
    const id = crypto.randomUUID()
    await answer(await ours.post({ id, directoryUserMemberIDs: ['ann'] }), 201)
    await answer(await theirs.post({ id, directoryUserMemberIDs: ['bob'] }), 201)
    expect(ids(await ours.read(id))).toEqual(['ann'])
  })
})

describe('POST /api/Group > 400', () => {
  const id = crypto.randomUUID()
  test.each<[string, object, string]>([
    ['there is no id', {}, 'id'],
    ['the id is null', { id: null }, 'id'],
    ['the id is empty', { id: '' }, 'id'],
    ['the id is no GUID', { id: 'gryff-02' }, 'id'],
    ['the id is all zeros', { id: HOST_PARTITION }, 'id'],
    ['the name is missing', { id, name: null }, 'name'],
    ['the name is blank', { id, name: ' \t' }, 'name'],
    ['the name is too long', { id, name: 'a'.repeat(257) }, 'name'],
    ['the name has a NUL', { id, name: 'a\0' }, 'name'],
    ['a member is empty', { id, directoryUserMemberIDs: [''] }, 'directoryUserMemberIDs[0]'],
    [
      'a member is another partition’s',
      { id, directoryUserMemberIDs: ['ann', 'her-1909'] },
      'directoryUserMemberIDs[1]',
    ],
    ['a member is a group', { id, directoryUserMemberIDs: [EVERYONE] }, 'directoryUserMemberIDs'],
  ])('when %s', async (_case, json, field) => {
    const { refused } = await createScene()
    expect(await refused(400, json)).toMatchObject({ errors: { [field]: [expect.any(String)] } })
  })

  test('a group has an id that is no GUID only where the partition has one', async () => {
    const { partition, refused } = await createScene()
    expect(await refused(400, { id: 'gryff-01' })).toMatchObject({
      errors: { id: ["The value 'gryff-01' is not valid."] },
    })
    const ours = `no-guid-${partition}`
    await new Database(env.DB).batch(plantPartition({ id: ours, name: ours }))
    const json = { partitionGlobalId: ours, name: 'Gryffindors', id: 'gryff-01', directoryUserMemberIDs: [] }
    const token = await adminOf(ours)
    expect(await answer(await call('POST', '/api/Group', { token, json }), 201)).toMatchObject({
      id: 'gryff-01',
      type: 1,
    })
    await answer(await call('POST', '/api/Group', { token, json: { ...json, name: 'Others' } }), 409)
    await answer(await call('DELETE', `/api/Group/${ours}/gryff-01`, { token }), 204)
    await answer(await call('POST', '/api/Group', { token, json }), 201)
  })

  test('naming the members nobody knows', async () => {
    const { refused } = await createScene()
    const problem = await refused(400, { id, directoryUserMemberIDs: [NIX, 'bob', NOX] })
    expect(problem).toMatchObject({ errors: { directoryUserMemberIDs: [expect.stringContaining(`${NIX}, ${NOX}`)] } })
  })
})

describe('POST /api/Group > 403 and 404', () => {
  const id = crypto.randomUUID()
  test('when the token reads only, is of another partition or of a user who is no administrator', async () => {
    const { partition, refused } = await createScene()
    await refused(403, { id }, { token: await adminOf(partition, ['PM.Group.Read']) })
    await refused(403, { id }, { token: await adminOf(await createPartition()) })
    await refused(403, { id }, { token: await mint({ prt_id: partition, sub: 'ann', sub_type: 'user' }) })
  })

  test('when a host administrator names a partition nobody knows', async () => {
    const { refused } = await createScene()
    await refused(404, { id, partitionGlobalId: crypto.randomUUID() }, { token: await hostAdmin() })
  })
})

describe('POST /api/Group > 409 already exists', () => {
  test('when the id or the name is taken, in whatever case', async () => {
    const { taken, refused } = await createScene()
    const exists = { errorMessage: expect.stringMatching(/already exists/) }
    expect(await refused(409, { id: taken })).toEqual(exists)
    expect(await refused(409, { id: taken.toUpperCase() })).toEqual(exists)
    expect(await refused(409, { id: EVERYONE })).toEqual(exists)
    expect(await refused(409, { id: crypto.randomUUID(), name: 'wIZARDS' })).toEqual(exists)
    expect(await refused(409, { id: crypto.randomUUID(), name: 'everyone' })).toEqual(exists)
  })

  test('when 50 are created at once under one name, or one id: exactly one is', async () => {
    const { post, list } = await createScene()
    const id = crypto.randomUUID()
    const one = Array.from({ length: 50 }, () => post({ id: crypto.randomUUID(), directoryUserMemberIDs: ['ann'] }))
    const other = Array.from({ length: 50 }, (_, index) => post({ id, name: `Name ${index}` }))
    for (const race of [one, other]) {
      const statuses = (await Promise.all(race)).map(({ status }) => status).toSorted()
      expect(statuses).toEqual([201, ...Array.from({ length: 49 }, () => 409)])
    }
    expect((await list()).filter((group) => group.id === id || group.name === 'New')).toHaveLength(2)
  })
})
