// GET /api/Directory/Search/{partitionGlobalId}: what begins with a text.
import { beforeAll, describe, expect, test } from 'vitest'
import type { DirectoryEntityInfo } from '../../src/directory/directory.schema.ts'
import type { EntitySeed } from '../../src/directory/directory.seed.ts'
import { adminOf, answer, call, createPartition, customGroup, hostAdmin, mint, user } from '../support/tenant.ts'

const entity = (id: string, type: number, displayName: string, email = ''): EntitySeed => ({
  ...user(id),
  ...{ type, displayName, email },
})

let partition: string
let token: string

beforeAll(async () => {
  partition = await createPartition({
    entities: [
      entity('ann', 0, 'Zoe Ann', 'boss@x.org'),
      entity('bob', 0, 'Annabel', 'ann.bob@x.org'),
      { ...entity('ada', 0, 'Ada', 'ada@x.org'), source: 'aad' },
      entity('anna-bot', 4, 'Robot'),
      entity('annex', 5, 'Application'),
      entity('émile', 0, 'Émile 100%'),
    ],
    groups: [customGroup('g-1', 'Annual'), customGroup('g-2', 'Others', ['ann'])],
  })
  token = await adminOf(partition)
})

const get = (query: string, bearer = token) =>
  call('GET', `/api/Directory/Search/${partition}?${query}`, { token: bearer })
const search = async (query: string) => answer<DirectoryEntityInfo[]>(await get(query))
const found = async (query: string) => (await search(query)).map(({ identifier }) => identifier)

describe('GET /api/Directory/Search > 200', () => {
  test('users, robot accounts, applications and groups, in the order of what matched, each once', async () => {
    expect(await search('startsWith=AnN&$count=false&scope=anywhere')).toEqual([
      {
        ...{ source: 'local', identifier: 'ann', identityName: 'ann', displayName: 'Zoe Ann', email: 'boss@x.org' },
        ...{ domain: null, type: 0, objectType: 'DirectoryUser' },
      },
      expect.objectContaining({ identifier: 'bob', email: 'ann.bob@x.org', objectType: 'DirectoryUser' }),
      expect.objectContaining({ identifier: 'anna-bot', type: 0, objectType: 'DirectoryRobotUser' }),
      expect.objectContaining({ identifier: 'annex', type: 2, objectType: 'DirectoryApplication' }),
      {
        ...{ source: 'local', identifier: 'g-1', identityName: 'Annual', displayName: 'Annual', email: null },
        ...{ domain: null, type: 1, objectType: 'DirectoryGroup' },
      },
    ])
  })

  test.each([
    ['startsWith=zoe', ['ann']],
    ['startsWith=BOSS@', ['ann']],
    ['startsWith=robot', ['anna-bot']],
    ['startsWith=app', ['annex']],
    ['startsWith=everyone', ['ce684f6f-5af3-4e43-8516-1adad6e98fc9']],
    ['startsWith=%C3%A9m', ['émile']],
    ['startsWith=nn', []],
    ['startsWith=%25', []],
    ['startsWith=_nn', []],
    ['startsWith=an%20', []],
  ])('%s', async (query, expected) => expect(await found(query)).toEqual(expected))

  test.each([
    ['entityType=user', ['ann', 'bob', 'anna-bot']],
    ['entityType=0', ['ann', 'bob', 'anna-bot']],
    ['entitytype=GROUP', ['g-1']],
    ['entityType=2', ['annex']],
    ['entityType=', ['ann', 'bob', 'anna-bot', 'annex', 'g-1']],
    ['sourceFilter=localUsers', ['ann', 'bob']],
    ['sourceFilter=ROBOTACCOUNTS&sourcefilter=localgroups', ['anna-bot', 'g-1']],
    ['sourceFilter=4&sourceFilter=5', ['anna-bot', 'annex']],
    ['sourceFilter=directoryUsers&sourceFilter=directoryGroups', []],
  ])('only what %s lets through', async (query, expected) =>
    expect(await found(`startsWith=ann&${query}`)).toEqual(expected),
  )

  test('users of a directory elsewhere are told from local ones', async () => {
    expect(await found('startsWith=ada')).toEqual(['ada'])
    expect(await found('startsWith=ada&sourceFilter=localUsers')).toEqual([])
    expect(await found('startsWith=ada&sourceFilter=directoryUsers')).toEqual(['ada'])
    expect(await found('startsWith=ada&sourceFilter=directoryUsers&sourceFilter=localUsers')).toEqual(['ada'])
  })

  test('the first 100 by what matched, of more', async () => {
    const many = Array.from({ length: 150 }, (_, index) => `x${String((index * 7) % 150).padStart(3, '0')}`)
    const groups = many.map((name) => customGroup(crypto.randomUUID(), `${name} group`))
    const other = await createPartition({
      entities: many.map((name) => entity(name, 0, name, `${name}@x.org`)),
      groups,
    })
    const rows = await answer<DirectoryEntityInfo[]>(
      await call('GET', `/api/Directory/Search/${other}?startsWith=X`, { token: await adminOf(other) }),
    )
    const expected = many.toSorted().slice(0, 50)
    expect(rows.map(({ identityName }) => identityName)).toEqual(expected.flatMap((name) => [name, `${name} group`]))
  })

  test('nothing of another partition', async () => {
    const other = await createPartition({ entities: [user('anneliese')], groups: [customGroup('g', 'Anns')] })
    expect(await found('startsWith=ann')).toHaveLength(5)
    const path = `/api/Directory/Search/${other}?startsWith=ann`
    expect(await answer(await call('GET', path, { token: await hostAdmin() }))).toHaveLength(2)
  })
})

describe('GET /api/Directory/Search > refused', () => {
  test.each([
    ['', 'startsWith'],
    ['startsWith=', 'startsWith'],
    ['startsWith=a%00', 'startsWith'],
    ['startsWith=a&entityType=robot', 'entityType'],
    ['startsWith=a&entityType=3', 'entityType'],
    ['startsWith=a&sourceFilter=localUsers&sourceFilter=users', 'sourceFilter[1]'],
  ])('400 for %j', async (query, field) => {
    expect(await answer(await get(query), 400)).toMatchObject({ errors: { [field]: [expect.any(String)] } })
  })

  test('403 elsewhere, for a plain user and without a scope; 404 for a partition nobody knows', async () => {
    const query = 'startsWith=a'
    await answer(await get(query, await adminOf(await createPartition())), 403)
    await answer(await get(query, await mint({ prt_id: partition, sub: 'ann' })), 403)
    await answer(await get(query, await adminOf(partition, ['PM.Group'])), 403)
    const nowhere = `/api/Directory/Search/${crypto.randomUUID()}?${query}`
    await answer(await call('GET', nowhere, { token: await hostAdmin() }), 404)
  })
})
