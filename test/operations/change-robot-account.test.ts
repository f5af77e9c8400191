// POST, PUT and DELETE /api/RobotAccount, and what of them shows in groups.
import { describe, expect, test } from 'vitest'
import type { Group } from '../../src/groups/group.schema.ts'
import type { RobotAccount } from '../../src/robot-accounts/robot-account.schema.ts'
import { adminOf, answer, call, createPartition, customGroup, hostAdmin, mint, user } from '../support/tenant.ts'

/** Nobody's, and no group's. */
const NIX = '7e57ab1e-0000-4000-8000-00000000000a'

const EVERYONE = 'ce684f6f-5af3-4e43-8516-1adad6e98fc9'
const USERS = 'cdc34b5b-77d2-4ae1-9744-209d21ce557d'

/** A partition with two groups and a user of the name that robot accounts will want. */
async function createScene() {
  const groups = [customGroup('crew', 'Crew', ['Roby']), customGroup('team', 'Team')]
  const partition = await createPartition({ entities: [user('Roby')], groups })
  const admin = await adminOf(partition)
  const list = async () =>
    answer<{ totalCount: number; results: RobotAccount[] }>(
      await call('GET', `/api/RobotAccount/${partition}?top=1000`, { token: admin }),
    )
  const post = (json: object = {}, token = admin) =>
    call('POST', '/api/RobotAccount', { token, json: { partitionGlobalId: partition, name: 'Roby', ...json } })
  const create = async (json?: object) => answer<RobotAccount>(await post(json), 201)
  const put = (robot: string, json: object, token = admin) =>
    call('PUT', `/api/RobotAccount/${robot}`, { token, json: { partitionGlobalId: partition, ...json } })
  const remove = (robot: string, token = admin) => call('DELETE', `/api/RobotAccount/${partition}/${robot}`, { token })
  const removeAll = (json: unknown, token = admin) => call('DELETE', `/api/RobotAccount/${partition}`, { token, json })
  const members = async (group: string) => {
    const found = await answer<Group>(await call('GET', `/api/Group/${partition}/${group}`, { token: admin }))
    const paged = await call('GET', `/api/Group/${partition}/${group}/Members`, { token: admin })
    if (group !== EVERYONE) expect(await answer(paged)).toMatchObject({ totalCount: found.members.length })
    return found.members.map(({ objectType, name }) => `${objectType} ${name}`)
  }
  return { partition, admin, list, post, create, put, remove, removeAll, members }
}

describe('POST /api/RobotAccount > 201', () => {
  test('the account as it is from then on, in its groups', async () => {
    const { partition, admin, create, list, members } = await createScene()
    const robot = await create({ displayName: 'Robert', groupIDsToAdd: ['TEAM', EVERYONE, 'crew', 'team'] })
    expect(JSON.stringify({ ...robot, id: 'id', creationTime: 'now' })).toBe(
      `{"id":"id","name":"Roby","displayName":"Robert","creationTime":"now","lastLoginTime":null,"groupIds":["${EVERYONE}","crew","team"]}`,
    )
    expect(robot.id).toMatch(/^[0-9a-f-]{36}$/)
    const read = await call('GET', `/api/RobotAccount/${partition}/${robot.id}`, { token: admin })
    expect(await answer(read)).toEqual(robot)
    expect(await list()).toEqual({ totalCount: 1, results: [robot] })
    expect(await members('crew')).toEqual(['DirectoryUser Roby', 'DirectoryRobotUser Roby'])
  })

  test.each([undefined, null, '', ' '])(
    'without groups and display name (%j): none, and the name',
    async (displayName) => {
      const { create } = await createScene()
      expect(await create({ displayName })).toMatchObject({ displayName: 'Roby', groupIds: [EVERYONE] })
    },
  )

  test('another partition may have the name', async () => {
    for (const scene of [await createScene(), await createScene()]) await scene.create()
  })
})

describe('POST /api/RobotAccount > refused, and nothing is created', () => {
  test.each<[string, object, string]>([
    ['no name', { name: null }, 'name'],
    ['a blank name', { name: ' ' }, 'name'],
    ['a name with a NUL', { name: 'a\0' }, 'name'],
    ['a long name', { name: 'a'.repeat(257) }, 'name'],
    ['a long display name', { displayName: 'a'.repeat(257) }, 'displayName'],
    ['a group nobody knows', { groupIDsToAdd: ['crew', NIX] }, 'groupIDsToAdd'],
    ['another partition’s group', { groupIDsToAdd: ['gryff-01'] }, 'groupIDsToAdd[0]'],
  ])('400 for %s', async (_case, json, field) => {
    const { post, list, members } = await createScene()
    expect(await answer(await post(json), 400)).toMatchObject({ errors: { [field]: [expect.any(String)] } })
    expect((await list()).totalCount).toBe(0)
    expect(await members('crew')).toHaveLength(1)
  })

  test('403 when the token reads only, is elsewhere’s or a plain user’s; 404 for a partition nobody knows', async () => {
    const { partition, post, list } = await createScene()
    await answer(await post({}, await adminOf(partition, ['PM.RobotAccount.Read'])), 403)
    await answer(await post({}, await adminOf(await createPartition())), 403)
    await answer(await post({}, await mint({ prt_id: partition, sub: 'Roby' })), 403)
    await answer(await post({ partitionGlobalId: crypto.randomUUID() }, await hostAdmin()), 404)
    expect((await list()).totalCount).toBe(0)
  })

  test('409 when the name is taken, in whatever case; of 50 at once exactly one is created', async () => {
    const { post, list, members } = await createScene()
    const race = Array.from({ length: 50 }, (_, index) =>
      post({ name: index % 2 ? 'Roby' : 'ROBY', groupIDsToAdd: ['team'] }),
    )
    const statuses = (await Promise.all(race)).map(({ status }) => status).toSorted()
    expect(statuses).toEqual([201, ...Array.from({ length: 49 }, () => 409)])
    expect(await answer(await post(), 409)).toEqual({ errorMessage: expect.stringMatching(/already exists/) })
    expect((await list()).totalCount).toBe(1)
    expect(await members('team')).toHaveLength(1)
  })
})

describe('PUT /api/RobotAccount/{robotAccountId}', () => {
  test('200: display name and groups change, the name does not', async () => {
    const { create, put, members } = await createScene()
    const robot = await create({ groupIDsToAdd: ['crew', USERS] })
    const json = {
      name: 'Other',
      displayName: 'New',
      groupIDsToAdd: ['team', USERS],
      groupIDsToRemove: ['crew', NIX],
    }
    const changed = await answer(await put(robot.id.toUpperCase(), json))
    expect(changed).toEqual({ ...robot, displayName: 'New', groupIds: [EVERYONE, USERS, 'team'] })
    expect(await members('crew')).toEqual(['DirectoryUser Roby'])
    expect(await members('team')).toEqual(['DirectoryRobotUser Roby'])
  })

  test.each([
    {},
    { displayName: null, groupIDsToAdd: null },
    { groupIDsToAdd: ['crew', 'team'], groupIDsToRemove: ['TEAM', 'CREW'] },
  ])('200 and all as it was for %j', async (json) => {
    const { create, put, list } = await createScene()
    const robot = await create({ displayName: 'Robert', groupIDsToAdd: ['crew'] })
    expect(await answer(await put(robot.id, json))).toEqual(robot)
    expect((await list()).results).toEqual([robot])
  })

  test('200: what a group’s own change does shows in groupIds', async () => {
    const { partition, admin, create, list } = await createScene()
    const { id } = await create()
    const change = async (lists: object) => {
      const json = { name: 'Team', ...lists }
      await answer(await call('PUT', `/api/Group/${partition}/team`, { token: admin, json }))
      return (await list()).results[0]?.groupIds
    }
    expect(await change({ directoryUserIDsToAdd: [id] })).toEqual([EVERYONE, 'team'])
    expect(await change({ directoryUserIDsToRemove: [id] })).toEqual([EVERYONE])
  })

  test('200 for 40 at once into and out of one group: the number of members stays right', async () => {
    const { create, put, members } = await createScene()
    const robots = await Promise.all(Array.from({ length: 20 }, (_, index) => create({ name: `robot ${index}` })))
    await Promise.all(
      robots.flatMap(({ id }) => [put(id, { groupIDsToAdd: ['team'] }), put(id, { groupIDsToAdd: ['crew'] })]),
    )
    await Promise.all(robots.slice(5).map(({ id }) => put(id, { groupIDsToRemove: ['team'] })))
    expect(await members('team')).toHaveLength(5)
    expect(await members('crew')).toHaveLength(21)
  })

  test('400 for a group nobody knows, though it is to be left too: nothing changes', async () => {
    const { create, put, list } = await createScene()
    const robot = await create({ groupIDsToAdd: ['crew'] })
    for (const lists of [{ groupIDsToAdd: ['team', NIX] }, { groupIDsToAdd: [NIX], groupIDsToRemove: ['crew', NIX] }]) {
      const problem = await answer(await put(robot.id, { displayName: 'New', ...lists }), 400)
      expect(problem).toMatchObject({ errors: { groupIDsToAdd: [expect.stringContaining(NIX)] } })
    }
    expect((await list()).results).toEqual([robot])
  })

  test('404 for a GUID nobody knows and for a user’s, 403 with PM.RobotAccount.Read', async () => {
    const { partition, create, put } = await createScene()
    const { id } = await create()
    await answer(await put(crypto.randomUUID(), {}), 404)
    await answer(await put('Roby', {}), 400)
    await answer(await put(id, {}, await adminOf(partition, ['PM.RobotAccount.Read'])), 403)
  })
})

describe('DELETE /api/RobotAccount', () => {
  test('204 and gone: from the list, from its groups, its name free; then 404', async () => {
    const { create, remove, list, members } = await createScene()
    const { id } = await create({ groupIDsToAdd: ['crew', 'team'] })
    expect((await remove(id)).status).toBe(204)
    await answer(await remove(id), 404)
    expect(await list()).toEqual({ totalCount: 0, results: [] })
    expect([await members('crew'), await members('team')]).toEqual([['DirectoryUser Roby'], []])
    await create()
  })

  test('204 for several: unknown ids and those of users are ignored', async () => {
    const { create, removeAll, list, members } = await createScene()
    const ids = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => (await create({ name, groupIDsToAdd: ['team'] })).id),
    )
    const json = { robotAccountIDs: [ids[0], ids[2], ids[0]?.toUpperCase(), 'Roby', crypto.randomUUID()] }
    expect((await removeAll(json)).status).toBe(204)
    expect((await list()).results.map(({ name }) => name)).toEqual(['b'])
    expect([await members('crew'), await members('team')]).toEqual([['DirectoryUser Roby'], ['DirectoryRobotUser b']])
    for (const wrong of [{}, { robotAccountIDs: null }, { robotAccountIDs: [''] }])
      await answer(await removeAll(wrong), 400)
    expect((await list()).totalCount).toBe(1)
  })

  test('400 for a user’s id, 403 elsewhere and with PM.RobotAccount.Read: nothing goes', async () => {
    const { partition, create, remove, removeAll, list, members } = await createScene()
    const { id } = await create()
    await answer(await remove('Roby'), 400)
    for (const token of [await adminOf(await createPartition()), await adminOf(partition, ['PM.RobotAccount.Read'])]) {
      await answer(await remove(id, token), 403)
      await answer(await removeAll({ robotAccountIDs: [id] }, token), 403)
    }
    expect([(await list()).totalCount, await members('crew')]).toEqual([1, ['DirectoryUser Roby']])
  })
})
