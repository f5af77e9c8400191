// Groups under load: many writers at once, lists of 1,000 ids, and what a request costs the database.
import { describe, expect, test } from 'vitest'
import type { Group } from '../../src/groups/group.schema.ts'
import { countedCalls } from '../support/counting-d1.ts'
import { adminOf, answer, call, createPartition, customGroup, hostAdmin, user } from '../support/tenant.ts'

const WIZARDS = '3c0ffee0-0000-4000-8000-00000000aaaa'
const EVERYONE = 'ce684f6f-5af3-4e43-8516-1adad6e98fc9'
const SLOW = { timeout: 60_000 }

const guids = (count: number) => Array.from({ length: count }, () => crypto.randomUUID())
const memberIds = (group: Group) => group.members.map(({ identifier }) => identifier)

/** A partition of users with the given ids, and a group of some of them. */
async function createScene(directory: readonly string[], members: readonly string[] = []) {
  const groups = [customGroup(WIZARDS, 'Wizards', members)]
  const partition = await createPartition({ entities: directory.map(user), groups })
  const token = await adminOf(partition)
  const paths = [`/api/Group/${WIZARDS}`, `/api/Group/${partition}/${WIZARDS}`] as const
  const put = (lists: object, path: string = paths[0]) =>
    call('PUT', path, { token, json: { name: 'Wizards', ...lists } })
  const read = async () => answer<Group>(await call('GET', paths[1], { token }))
  return { partition, token, paths, put, read }
}

describe('PUT /api/Group > 200 at once', () => {
  test('when 300 callers add a member each, on both paths: none is lost', SLOW, async () => {
    const directory = guids(300)
    const { paths, put, read } = await createScene(directory)
    const added = directory.map(async (id, index) => {
      const group = await answer<Group>(await put({ directoryUserIDsToAdd: [id] }, paths[index % 2]))
      expect(memberIds(group)).toContain(id)
    })
    await Promise.all(added)
    expect(memberIds(await read())).toEqual(directory)
  })

  test('when 150 callers add a member and 150 remove another: all of it happens', SLOW, async () => {
    const directory = guids(300)
    const [leaving, joining] = [directory.slice(0, 150), directory.slice(150)]
    const { put, read } = await createScene(directory, leaving)
    const changes = leaving.flatMap((id, index) => [
      put({ directoryUserIDsToRemove: [id] }),
      put({ directoryUserIDsToAdd: joining.slice(index, index + 1) }),
    ])
    for (const response of await Promise.all(changes)) await answer(response)
    expect(memberIds(await read())).toEqual(joining)
  })

  test('when 100 callers swap the same two members back and forth: never both, never none', SLOW, async () => {
    const { put, read } = await createScene(['ann', 'bob'], ['ann'])
    const swaps = Array.from({ length: 100 }, async (_, index) => {
      const [comes, goes] = index % 2 ? ['ann', 'bob'] : ['bob', 'ann']
      const group = await answer<Group>(await put({ directoryUserIDsToAdd: [comes], directoryUserIDsToRemove: [goes] }))
      expect(memberIds(group)).toEqual([comes])
    })
    await Promise.all(swaps)
    expect((await read()).members).toHaveLength(1)
  })
})

describe('PUT /api/Group > 409 at once', () => {
  test('when two groups are renamed to one name: exactly one gets it, and only its lists hold', SLOW, async () => {
    for (let round = 0; round < 20; round++) {
      const groups = ['a', 'b'].map((id) => customGroup(id, `Old ${id}`))
      const partition = await createPartition({ entities: [user('ann')], groups })
      const token = await adminOf(partition)
      const json = { name: 'New', directoryUserIDsToAdd: ['ann'] }
      const renames = await Promise.all(groups.map(({ id }) => call('PUT', `/api/Group/${id}`, { token, json })))
      expect(renames.map(({ status }) => status).toSorted()).toEqual([200, 409])
      for (const [index, { id, name }] of groups.entries()) {
        const won = renames[index]?.status === 200
        const group = await answer<Group>(await call('GET', `/api/Group/${partition}/${id}`, { token }))
        expect([group.name, memberIds(group)]).toEqual(won ? ['New', ['ann']] : [name, []])
      }
    }
  })

  test('when 100 groups are renamed to one name: exactly one gets it', SLOW, async () => {
    const groups = guids(100).map((id, index) => customGroup(id, `Group ${index}`))
    const partition = await createPartition({ groups })
    const token = await adminOf(partition)
    const rename = ({ id }: { id: string }) => call('PUT', `/api/Group/${id}`, { token, json: { name: 'New' } })
    const statuses = (await Promise.all(groups.map(rename))).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 409)).toHaveLength(99)
    const listed = await answer<Group[]>(await call('GET', `/api/Group/${partition}`, { token }))
    expect(listed.filter(({ name }) => name === 'New')).toHaveLength(1)
  })
})

describe('PUT /api/Group > 200 for 1,000 ids', () => {
  test.each([0, 1])(
    'when they are added in one call and removed in one: one round trip each (%i)',
    SLOW,
    async (way) => {
      const directory = guids(1000)
      const { paths, token, read } = await createScene(directory)
      const counted = await countedCalls()
      const put = async (lists: object) => {
        const { response, trips } = await counted('PUT', paths[way] ?? '', {
          token,
          json: { name: 'Wizards', ...lists },
        })
        expect(trips).toHaveLength(1)
        return memberIds(await answer<Group>(response))
      }
      expect(await put({ directoryUserIDsToAdd: directory.toReversed() })).toEqual(directory)
      const both = { directoryUserIDsToAdd: directory, directoryUserIDsToRemove: directory }
      expect(await put(both)).toEqual(directory)
      expect(await put({ directoryUserIDsToRemove: directory })).toEqual([])
      expect(await put(both)).toEqual([])
      expect(memberIds(await read())).toEqual([])
    },
  )

  test('when the last of them is unknown: 400 in one round trip, and none is added', SLOW, async () => {
    const directory = guids(1000)
    const { paths, token, read } = await createScene(directory.slice(0, -1))
    const counted = await countedCalls()
    const json = { name: 'New', directoryUserIDsToAdd: directory }
    const { response, trips } = await counted('PUT', paths[0], { token, json })
    const problem = { errors: { directoryUserIDsToAdd: [expect.stringContaining(directory.at(-1) ?? '')] } }
    expect(await answer(response, 400)).toMatchObject(problem)
    expect(trips).toHaveLength(1)
    expect(await read()).toMatchObject({ name: 'Wizards', members: [] })
  })

  test('for one more: 400 without asking the database', async () => {
    const { paths, token } = await createScene([])
    const counted = await countedCalls()
    const json = { name: 'New', directoryUserIDsToAdd: guids(1001) }
    const { response, trips } = await counted('PUT', paths[0], { token, json })
    const problem = { errors: { directoryUserIDsToAdd: [expect.stringContaining('at most 1000')] } }
    expect(await answer(response, 400)).toMatchObject(problem)
    expect(trips).toHaveLength(0)
  })
})

describe('PUT /api/Group and GET /api/Group > cost', () => {
  test('one round trip at most, whatever the answer', async () => {
    const { partition, paths, token } = await createScene(['ann'])
    const counted = await countedCalls()
    const host = await hostAdmin()
    const nowhere = crypto.randomUUID()
    const named = (name: string, lists = {}) => ({ name, ...lists })
    const calls: [number, string, string, string, object?][] = [
      [200, 'GET', `/api/Group/${partition}`, token],
      [200, 'GET', paths[1], host],
      [404, 'GET', `/api/Group/${partition}/${nowhere}`, token],
      [404, 'GET', `/api/Group/${nowhere}`, host],
      [403, 'GET', `/api/Group/magic-7/gryff-01`, token],
      [400, 'GET', `/api/Group/no-org/gryff-01`, token],
      [401, 'GET', paths[1], ''],
      [200, 'PUT', paths[0], token, named('Wizards', { directoryUserIDsToAdd: ['ann'] })],
      [200, 'PUT', paths[1], host, named('Wizards', { directoryUserIDsToRemove: ['ann'] })],
      [400, 'PUT', paths[0], token, named('Wizards', { directoryUserIDsToAdd: ['nix'] })],
      [404, 'PUT', `/api/Group/${nowhere}`, token, named('Wizards')],
      [409, 'PUT', paths[0], token, named('Everyone')],
      [409, 'PUT', `/api/Group/${EVERYONE}`, token, named('New')],
      [409, 'PUT', paths[0], token, named('')],
    ]
    for (const [status, method, path, caller, json] of calls) {
      const { response, trips } = await counted(method, path, { token: caller, json })
      await answer(response, status)
      expect(trips.length, `${method} ${path}`).toBeLessThanOrEqual(1)
    }
  })

  test('a small group costs the same in a partition of 10,000 entities and 1,000 groups', SLOW, async () => {
    const counted = await countedCalls()
    const costs = async (entities: number, groups: number) => {
      const others = guids(groups).map((id, index) => customGroup(id, `Group ${index}`, ['ann', 'bob']))
      const directory = ['ann', 'bob', ...guids(entities)]
      const partition = await createPartition({
        entities: directory.map(user),
        groups: [customGroup(WIZARDS, 'Wizards', ['ann', 'bob']), ...others],
      })
      const token = await adminOf(partition)
      const cost = async (status: number, method: string, lists?: object) => {
        const json = lists && { name: 'Wizards', ...lists }
        const { response, trips } = await counted(method, `/api/Group/${partition}/${WIZARDS}`, { token, json })
        await answer(response, status)
        return trips
      }
      return {
        read: await cost(200, 'GET'),
        change: await cost(200, 'PUT', { directoryUserIDsToAdd: ['ann'], directoryUserIDsToRemove: ['bob'] }),
        refusal: await cost(400, 'PUT', { directoryUserIDsToAdd: ['nix'] }),
        rename: await cost(200, 'PUT', { name: 'Sorcerers' }),
      }
    }
    expect(await costs(10_000, 1000)).toEqual(await costs(10, 10))
  })
})
