// GET /api/RobotAccount/{partitionGlobalId} and …/{robotAccountId}: pages, searches, orders.
import { beforeAll, describe, expect, test } from 'vitest'
import { EVERYONE } from '../../src/groups/group.schema.ts'
import type { RobotAccount } from '../../src/robot-accounts/robot-account.schema.ts'
import { adminOf, answer, call, createPartition, customGroup, hostAdmin, user } from '../support/tenant.ts'

interface Page {
  totalCount: number
  results: RobotAccount[]
}

const robot = (name: string, displayName: string, creationTime: string) => ({
  ...user(`id-${name}`),
  type: 4,
  name,
  displayName,
  creationTime,
})
const NAMES = ['Delta', 'alpha', 'Charlie', 'bravo', 'echo']

let partition: string
let token: string

beforeAll(async () => {
  const robots = NAMES.map((name, index) =>
    robot(name, `Unit ${9 - index}`, `2024-01-0${((index * 2) % 5) + 1}T00:00:00`),
  )
  partition = await createPartition({
    entities: [user('alpha'), ...robots, { ...user('app'), type: 5 }],
    groups: [customGroup('crew', 'Crew', ['id-bravo'])],
  })
  token = await adminOf(partition)
})

const get = (query = '', bearer = token) => call('GET', `/api/RobotAccount/${partition}${query}`, { token: bearer })
const page = async (query?: string) => answer<Page>(await get(query))
const names = async (query: string) => (await page(query)).results.map(({ name }) => name)

describe('GET /api/RobotAccount/{partitionGlobalId} > 200', () => {
  test('robot accounts alone, in the order of their creation, with the number of all', async () => {
    const { totalCount, results } = await page('?$count=false')
    expect(totalCount).toBe(5)
    expect(results.map(({ name }) => name)).toEqual(NAMES)
    expect(results[3]).toEqual({
      ...{ id: 'id-bravo', name: 'bravo', displayName: 'Unit 6', creationTime: '2024-01-02T00:00:00' },
      ...{ lastLoginTime: null, groupIds: [EVERYONE, 'crew'] },
    })
  })

  test.each([
    ['name', ['alpha', 'bravo', 'Charlie', 'Delta', 'echo']],
    ['NAME', ['alpha', 'bravo', 'Charlie', 'Delta', 'echo']],
    ['Id', ['alpha', 'bravo', 'Charlie', 'Delta', 'echo']],
    ['displayname', NAMES.toReversed()],
    ['CreationTime', ['Delta', 'bravo', 'alpha', 'echo', 'Charlie']],
    ['lastLoginTime', NAMES],
    ['groupIds', []],
    ['', NAMES],
  ])('sorted by %j, up and down, whole and in pages', async (sortBy, order) => {
    if (sortBy !== 'groupIds') expect(await names(`?sortBy=${sortBy}`)).toEqual(order)
    const up = await names(`?sortBy=${sortBy}&sortOrder=asc`)
    expect(await names(`?SORTBY=${sortBy}&sortorder=DESC`)).toEqual(up.toReversed())
    const paged = [0, 2, 4].map((skip) => names(`?sortBy=${sortBy}&top=2&skip=${skip}`))
    expect((await Promise.all(paged)).flat()).toEqual(up)
  })

  test.each([
    ['AL', ['alpha']],
    ['ta', ['Delta']],
    ['unit', NAMES],
    ['UNIT 7', ['Charlie']],
    ['h', ['alpha', 'Charlie', 'echo']],
    ['%', []],
    ['_', []],
    ['app', []],
  ])('those with %j in name or display name, and their number', async (term, expected) => {
    const { totalCount, results } = await page(`?searchTerm=${encodeURIComponent(term)}&top=2`)
    expect(totalCount).toBe(expected.length)
    expect(results.map(({ name }) => name)).toEqual(expected.slice(0, 2))
  })

  test('all of them for an empty term, none for top 0 or behind the end', async () => {
    expect((await page('?searchTerm=')).totalCount).toBe(5)
    expect(await page('?top=0')).toEqual({ totalCount: 5, results: [] })
    expect(await page('?skip=5&top=1000')).toEqual({ totalCount: 5, results: [] })
    expect(await page('?searchTerm=unit&skip=5')).toEqual({ totalCount: 5, results: [] })
  })

  test('nothing of another partition', async () => {
    const other = await createPartition({ entities: [robot('alpha', 'Other', '2024-01-01T00:00:00')] })
    const path = `/api/RobotAccount/${other}?searchTerm=a`
    expect(await answer(await call('GET', path, { token: await hostAdmin() }))).toMatchObject({ totalCount: 1 })
    expect((await page('?searchTerm=alpha')).totalCount).toBe(1)
  })
})

describe('GET /api/RobotAccount/{partitionGlobalId} > refused', () => {
  test.each(['top=1001', 'top=-1', 'top=ten', 'skip=-1', 'sortBy=email', 'sortBy=seq'])('400 for %s', async (query) => {
    const [field = ''] = query.split('=')
    expect(await answer(await get(`?${query}`), 400)).toMatchObject({ errors: { [field]: [expect.any(String)] } })
  })

  test('403 elsewhere, 404 for a partition nobody knows', async () => {
    await answer(await get('', await adminOf(await createPartition())), 403)
    const nowhere = `/api/RobotAccount/${crypto.randomUUID()}`
    await answer(await call('GET', nowhere, { token: await hostAdmin() }), 404)
  })
})

describe('GET /api/RobotAccount/{partitionGlobalId}/{robotAccountId}', () => {
  test('200 in any case of the id, 400 for a user’s, 404 for a GUID nobody knows, 403 elsewhere', async () => {
    expect(await answer(await get('/ID-Bravo'))).toMatchObject({ id: 'id-bravo', groupIds: [EVERYONE, 'crew'] })
    await answer(await get('/alpha'), 400)
    await answer(await get(`/${crypto.randomUUID()}`), 404)
    await answer(await get('/id-bravo', await adminOf(await createPartition())), 403)
    await answer(await get('/id-bravo', await adminOf(partition, ['PM.RobotAccount.Write'])), 403)
  })
})
