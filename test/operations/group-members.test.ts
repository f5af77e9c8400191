// Who is in a group, asked in pages, by ids, and for several groups at once.
import { describe, expect, test } from 'vitest'
import type { Group } from '../../src/groups/group.schema.ts'
import { adminOf, answer, call, createPartition, customGroup, hostAdmin, user } from '../support/tenant.ts'

/** Nobody's, and no group's. */
const NIX = '7e57ab1e-0000-4000-8000-00000000000a'

const EVERYONE = 'ce684f6f-5af3-4e43-8516-1adad6e98fc9'
const DIRECTORY = Array.from({ length: 25 }, (_, index) => `user-${String(index).padStart(2, '0')}`)

interface Page {
  totalCount: number
  results: { id: string; type: number }[]
}

/** A partition with a group of 25 users, a robot account and an application, and a group of nobody. */
async function createScene() {
  const members = [...DIRECTORY.toReversed(), 'app', 'rob']
  const partition = await createPartition({
    entities: [{ ...user('rob'), type: 4 }, ...DIRECTORY.map(user), { ...user('app'), type: 5 }, user('out')],
    groups: [customGroup('crew', 'Crew', members), customGroup('none', 'None')],
  })
  const token = await adminOf(partition)
  const get = (group: string, query = '', bearer = token) =>
    call('GET', `/api/Group/${partition}/${group}/Members${query}`, { token: bearer })
  const page = async (group: string, query = '') => answer<Page>(await get(group, query))
  const post = (path: string, json: unknown, bearer = token) => call('POST', path, { token: bearer, json })
  const check = (json: unknown, group = 'crew', bearer = token) =>
    post(`/api/Group/${partition}/${group}/CheckMembers`, json, bearer)
  const load = (json: unknown, bearer = token) => post(`/api/Group/BulkLoadByIds/${partition}`, json, bearer)
  return { partition, token, get, page, check, load }
}

const identifiers = async (response: Response) =>
  (await answer<{ identifier: string }[]>(response)).map(({ identifier }) => identifier)

describe('GET /api/Group/{partitionGlobalId}/{groupId}/Members > 200', () => {
  test('the first ten unless told otherwise, in directory order, with the number of all', async () => {
    const { page } = await createScene()
    const { totalCount, results } = await page('crew', '?$count=false')
    expect(totalCount).toBe(27)
    expect(results.slice(0, 2)).toEqual([
      { id: 'rob', type: 4 },
      { id: 'user-00', type: 0 },
    ])
    expect(results).toHaveLength(10)
  })

  test('every member once over all pages, whatever their size', async () => {
    const { page } = await createScene()
    for (const top of [1, 4, 13, 27, 1000]) {
      const seen: string[] = []
      for (let skip = 0; skip < 30; skip += top) {
        const { results } = await page('crew', `?TOP=${top}&skip=${skip}`)
        seen.push(...results.map(({ id }) => id))
      }
      expect(seen).toEqual(['rob', ...DIRECTORY, 'app'])
    }
  })

  test('nothing for top 0, behind the end, and in a group of nobody', async () => {
    const { page } = await createScene()
    expect(await page('crew', '?top=0')).toEqual({ totalCount: 27, results: [] })
    expect(await page('crew', '?skip=27')).toEqual({ totalCount: 27, results: [] })
    expect(await page('none')).toEqual({ totalCount: 0, results: [] })
  })

  test('nobody in Everyone, entered or not', async () => {
    const { partition, token, page } = await createScene()
    const json = { name: 'Everyone', partitionGlobalId: partition, directoryUserIDsToAdd: ['rob', 'out'] }
    await answer(await call('PUT', `/api/Group/${EVERYONE}`, { token, json }))
    expect(await page(EVERYONE)).toEqual({ totalCount: 0, results: [] })
  })

  test('a change of members shows at once', async () => {
    const { partition, token, page } = await createScene()
    const json = { name: 'None', directoryUserIDsToAdd: ['out', 'rob'] }
    await answer(await call('PUT', `/api/Group/${partition}/none`, { token, json }))
    expect((await page('none')).totalCount).toBe(2)
    await answer(
      await call('PUT', `/api/Group/${partition}/none`, {
        token,
        json: { name: 'None', directoryUserIDsToRemove: ['out'] },
      }),
    )
    expect(await page('none')).toEqual({ totalCount: 1, results: [{ id: 'rob', type: 4 }] })
  })
})

describe('GET /api/Group/{partitionGlobalId}/{groupId}/Members > refused', () => {
  test.each(['top=1001', 'top=-1', 'top=x', 'skip=-1', 'skip=9999999999', 'top=1.5'])('400 for %s', async (query) => {
    const { get } = await createScene()
    const [field = ''] = query.split('=')
    expect(await answer(await get('crew', `?${query}`), 400)).toMatchObject({
      errors: { [field]: [expect.any(String)] },
    })
  })

  test('404 for a GUID nobody knows, 403 elsewhere', async () => {
    const { get } = await createScene()
    await answer(await get(crypto.randomUUID()), 404)
    await answer(await get('nix'), 400)
    await answer(await get('crew', '', await adminOf(await createPartition())), 403)
  })
})

describe('POST /api/Group/{partitionGlobalId}/{groupId}/CheckMembers', () => {
  test('200 with those that are members, once each and in directory order', async () => {
    const { check } = await createScene()
    const response = await check(['app', NIX, 'USER-03', 'out', 'user-03', 'rob'])
    const members = await answer<{ objectType: string; identifier: string }[]>(response)
    expect(members.map(({ objectType, identifier }) => [objectType, identifier])).toEqual([
      ['DirectoryRobotUser', 'rob'],
      ['DirectoryUser', 'user-03'],
      ['DirectoryApplication', 'app'],
    ])
    expect(await answer(await check([]))).toEqual([])
    expect(await answer(await check(DIRECTORY, 'none'))).toEqual([])
  })

  test('200 with everybody but applications in Everyone', async () => {
    const { check } = await createScene()
    expect(await identifiers(await check(['app', 'out', 'rob', NIX], EVERYONE))).toEqual(['rob', 'out'])
  })

  test('200 for another partition’s members: none of them', async () => {
    const { check } = await createScene()
    await createPartition({ entities: [user(NIX)] })
    expect(await answer(await check([NIX], EVERYONE))).toEqual([])
  })

  test('403 with PM.Group.Read, 404 for no group, 400 for no list of ids', async () => {
    const { partition, check } = await createScene()
    await answer(await check([], 'crew', await adminOf(partition, ['PM.Group.Read'])), 403)
    await answer(await check([], crypto.randomUUID()), 404)
    for (const json of [{}, null, [''], [7], [['rob']], 'rob']) await answer(await check(json), 400)
  })
})

describe('POST /api/Group/BulkLoadByIds/{partitionGlobalId}', () => {
  test('200 with the groups in the order of the request, members filled, unknown ones left out', async () => {
    const { partition, token, load } = await createScene()
    const asked = ['none', EVERYONE, NIX, 'CREW', crypto.randomUUID(), 'none']
    const groups = await answer<Group[]>(await load(asked))
    expect(groups.map(({ name }) => name)).toEqual(['None', 'Everyone', 'Crew'])
    for (const group of groups) {
      expect(group).toEqual(await answer(await call('GET', `/api/Group/${partition}/${group.id}`, { token })))
    }
    expect(await answer(await load([]))).toEqual([])
  })

  test('200 on a path in any case', async () => {
    const { partition, token } = await createScene()
    const path = `/hogwarts/identity/API/group/bulkloadbyids/${partition}/`
    expect(await answer(await call('POST', path, { token, json: ['crew'] }))).toHaveLength(1)
  })

  test('403 with PM.Group.Read and elsewhere, 404 for no partition, 400 for no list of ids', async () => {
    const { partition, load } = await createScene()
    await answer(await load([], await adminOf(partition, ['PM.Group.Read'])), 403)
    await answer(await load(['crew'], await adminOf(await createPartition())), 403)
    const nowhere = `/api/Group/BulkLoadByIds/${crypto.randomUUID()}`
    await answer(await call('POST', nowhere, { token: await hostAdmin(), json: [EVERYONE] }), 404)
    for (const json of [{}, null, [''], [null], 'crew']) await answer(await load(json), 400)
  })
})
