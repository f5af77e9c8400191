// Members of groups that another directory has: POST and PUT /api/Group keep them under their identifiers there.
import { beforeEach, describe, expect, test } from 'vitest'
import type { Group } from '../../src/groups/group.schema.ts'
import { adminOf, answer, call, createPartition, customGroup, user } from '../support/tenant.ts'
import { groupOf, stored } from '../support/users.ts'

let partition: string
let token: string

beforeEach(async () => {
  partition = await createPartition({ entities: [user('ann')], groups: [customGroup('crew', 'Crew', ['ann'])] })
  token = await adminOf(partition)
})

const put = async (json: object, status = 200) =>
  answer<Group>(await call('PUT', `/api/Group/${partition}/crew`, { token, json: { name: 'Crew', ...json } }), status)
const countOf = async () => {
  const members = await call('GET', `/api/Group/${partition}/crew/Members`, { token })
  return (await answer<{ totalCount: number }>(members)).totalCount
}

describe('an account of another directory', () => {
  test('becomes a member by its identifier, and is shown as one of its source', async () => {
    const { members } = await put({ directoryUserIDsToAdd: ['aad|b0b', 'ann', 'AAD|B0B', 'scim|x y'] })
    expect(members.map(({ identifier, source, objectType }) => [identifier, source, objectType])).toEqual([
      ['ann', 'local', 'DirectoryUser'],
      ['aad|b0b', 'aad', 'DirectoryUser'],
      ['scim|x y', 'scim', 'DirectoryUser'],
    ])
    expect(await countOf()).toBe(3)
    const entity = { entityId: 'aad|B0B', entityType: 'User' }
    const resolved = await call('POST', `/api/Directory/Resolve/${partition}`, { token, json: entity })
    expect(await answer(resolved)).toMatchObject({ identifier: 'aad|b0b', source: 'aad', isActive: true })
    expect((await stored(token, partition)).results.map(({ id, category }) => [id, category])).toEqual([
      ['ann', 0],
      ['aad|b0b', 2],
      ['scim|x y', 2],
    ])
    expect((await stored(token, partition)).totalCount).toBe(3)
  })

  test('is the same one when it is added again, and stays known when it leaves', async () => {
    await put({ directoryUserIDsToAdd: ['aad|b0b'] })
    await put({ directoryUserIDsToAdd: ['aad|b0b'] })
    expect(await countOf()).toBe(2)
    await put({ directoryUserIDsToRemove: ['AAD|b0b'] })
    expect(await countOf()).toBe(1)
    expect((await stored(token, partition)).totalCount).toBe(2)
    await put({ directoryUserIDsToRemove: ['aad|nobody'] })
    const check = await call('POST', `/api/Group/${partition}/crew/CheckMembers`, {
      token,
      json: ['aad|nobody', 'ann'],
    })
    expect(await answer(check)).toMatchObject([{ identifier: 'ann' }])
  })

  test('is a member of a group from its creation', async () => {
    const id = crypto.randomUUID()
    const json = { id, name: 'New', directoryUserMemberIDs: ['aad|b0b', 'ann', 'aad|eve'] }
    const { members } = await answer<Group>(await call('POST', '/api/Group', { token, json }), 201)
    expect(members.map(({ identifier }) => identifier)).toEqual(['ann', 'aad|b0b', 'aad|eve'])
    expect((await groupOf(token, partition, id)).members).toEqual(members)
  })

  test.each(['|x', 'aad|', 'aad| x', '1|x', 'a b|x', 'aad|x\u0000', 'aad|x|y', 'aad'])(
    'has an identifier with a source: %j is none, and nothing changes',
    async (id) => {
      await put({ directoryUserIDsToAdd: ['aad|b0b', id] }, 400)
      expect(await countOf()).toBe(1)
      expect((await stored(token, partition)).totalCount).toBe(1)
    },
  )

  test('is not kept where the group is not changed', async () => {
    await put({ name: 'Administrators', directoryUserIDsToAdd: ['aad|b0b'] }, 409)
    await put({ directoryUserIDsToAdd: ['aad|b0b', crypto.randomUUID()] }, 400)
    expect((await stored(token, partition)).totalCount).toBe(1)
  })

  test('is kept beside a user of that name', async () => {
    await answer(await call('POST', '/api/User', { token, json: { userName: 'aad|b0b' } }))
    expect((await put({ directoryUserIDsToAdd: ['aad|b0b'] })).members).toHaveLength(2)
  })
})
