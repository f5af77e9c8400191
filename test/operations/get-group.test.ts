// GET /api/Group/{partitionGlobalId} lists a partition's groups; GET /api/Group/{partitionGlobalId}/{groupId} gives
// one of them with its members.
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Database } from '../../src/database/database.ts'
import type { EntitySeed } from '../../src/directory/directory.seed.ts'
import { USER_TYPE } from '../../src/directory/member.ts'
import type { Group } from '../../src/groups/group.schema.ts'
import { foldId } from '../../src/http/identifier.ts'
import { plantPartition } from '../../src/partitions/partition.seed.ts'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'
import { adminOf, answer, call, createPartition, customGroup, hostAdmin, mint, user } from '../support/tenant.ts'

const EVERYONE = 'ce684f6f-5af3-4e43-8516-1adad6e98fc9'
const GROUP = '3c0ffee0-0000-4000-8000-00000000abcd'
const LIST = 'GET /api/Group/{partitionGlobalId}'
const BY_ID = 'GET /api/Group/{partitionGlobalId}/{groupId}'

const OPERATIONS: [string, (partition: string) => string][] = [
  [LIST, (partition) => `/api/Group/${partition}`],
  [BY_ID, (partition) => `/api/Group/${partition}/${EVERYONE}`],
]

const get = (path: string, token?: string) => call('GET', path, { token })
const invalidIn = (field: string, value: string) => ({ errors: { [field]: [`The value '${value}' is not valid.`] } })

describe(`${LIST} > 200`, () => {
  test('when there are groups: built-in ones and others in the order of their creation, without members', async () => {
    const groups = [customGroup(GROUP, 'Zebras', ['ann']), customGroup('gryff-01', 'Apes')]
    const partition = await createPartition({ entities: [user('ann')], groups })
    const response = await get(`/api/Group/${partition}`, await adminOf(partition))
    expect(response.headers.get('Content-Type')).toBe('application/json; charset=utf-8')
    const made = '2024-01-01T00:00:00'
    const builtIn = (id: string, name: string) => {
      return { id, name, displayName: name, type: 0, creationTime: made, lastModificationTime: made, members: [] }
    }
    const custom = { type: 1, creationTime: '2024-02-29T12:00:00.5', lastModificationTime: null, members: [] }
    const expected = [
      builtIn(EVERYONE, 'Everyone'),
      builtIn('35551807-06b1-4cda-90a1-2fb84851eee7', 'Administrators'),
      builtIn('4d161738-7204-4794-b839-8f7fed28366c', 'Automation Developers'),
      builtIn('cdc34b5b-77d2-4ae1-9744-209d21ce557d', 'Automation Users'),
      builtIn('65bac4da-2a5b-459a-8f49-318dc95c06a6', 'Citizen Developers'),
      { id: GROUP, name: 'Zebras', displayName: 'Zebras', ...custom },
      { id: 'gryff-01', name: 'Apes', displayName: 'Apes', ...custom },
    ]
    // As text: the order of the keys is part of the answer.
    expect(JSON.stringify(await answer(response))).toBe(JSON.stringify(expected))
  })

  test('when the partition has no groups: an empty array', async () => {
    const id = crypto.randomUUID()
    await new Database(env.DB).batch(plantPartition({ id, name: id }))
    expect(await answer(await get(`/api/Group/${id}`, await adminOf(id)))).toEqual([])
  })

  test('when another partition has groups of the same ids: its own alone', async () => {
    const partition = await createPartition({ groups: [customGroup(GROUP, 'Ours')] })
    await createPartition({ groups: [customGroup(GROUP, 'Theirs'), customGroup(crypto.randomUUID(), 'More')] })
    const found = await answer<Group[]>(await get(`/api/Group/${partition}`, await adminOf(partition)))
    expect(found.map(({ name }) => name).slice(5)).toEqual(['Ours'])
  })
})

describe(`${BY_ID} > 200`, () => {
  const ann = { displayName: 'Ann Bell', name: 'Ann', email: 'ann@tenant.example' }
  const details = { firstName: 'Ann', lastName: 'Bell', jobTitle: 'chair', companyName: 'Acme', city: 'Rome' }
  const rob = { displayName: 'Robot 1', name: 'rob-1' }
  const app = { displayName: 'Mailer', name: 'mailer' }
  const entities: EntitySeed[] = [
    { id: 'app-id', type: USER_TYPE.application, ...app, applicationId: 'client-7' },
    { id: 'ann-id', type: USER_TYPE.user, ...ann, ...details, department: 'post', source: 'aad' },
    { id: 'rob-id', type: USER_TYPE.robotAccount, ...rob, firstName: 'not told' },
    { id: 'bare-id', type: USER_TYPE.user, displayName: 'Bare', name: 'bare' },
    { id: 'old-id', type: USER_TYPE.application, displayName: 'Old', name: 'old' },
    user('no-member'),
  ]

  test('when it has members of each objectType: in directory order, every kind with its properties', async () => {
    const members = ['bare-id', 'rob-id', 'old-id', 'ann-id', 'app-id']
    const partition = await createPartition({ entities, groups: [customGroup(GROUP, 'Mixed', members)] })
    const response = await get(`/api/Group/${partition}/${GROUP}`, await adminOf(partition))
    expect(response.headers.get('Content-Type')).toBe('application/json; charset=utf-8')
    const { members: found, ...group } = await answer<Group>(response)
    expect(JSON.stringify(group)).toBe(
      `{"id":"${GROUP}","name":"Mixed","displayName":"Mixed","type":1,"creationTime":"2024-02-29T12:00:00.5","lastModificationTime":null}`,
    )
    expect(found.map((member) => JSON.stringify(member))).toEqual([
      '{"objectType":"DirectoryApplication","applicationId":"client-7","displayName":"Mailer","source":"local","identifier":"app-id","name":"mailer","email":""}',
      '{"objectType":"DirectoryUser","firstName":"Ann","lastName":"Bell","jobTitle":"chair","companyName":"Acme","city":"Rome","department":"post","displayName":"Ann Bell","source":"aad","identifier":"ann-id","name":"Ann","email":"ann@tenant.example"}',
      '{"objectType":"DirectoryRobotUser","displayName":"Robot 1","source":"local","identifier":"rob-id","name":"rob-1","email":""}',
      '{"objectType":"DirectoryUser","firstName":null,"lastName":null,"jobTitle":null,"companyName":null,"city":null,"department":null,"displayName":"Bare","source":"local","identifier":"bare-id","name":"bare","email":""}',
      '{"objectType":"DirectoryApplication","applicationId":null,"displayName":"Old","source":"local","identifier":"old-id","name":"old","email":""}',
    ])
  })

  test('when another partition has a group of the same id: its own members alone', async () => {
    const id = crypto.randomUUID()
    const ours = await createPartition({ entities: [user('ann')], groups: [customGroup(id, 'Same', ['ann'])] })
    const theirs = await createPartition({ entities: [user('bob')], groups: [customGroup(id, 'Same', ['bob'])] })
    for (const [partition, member] of [
      [ours, 'ann'],
      [theirs, 'bob'],
    ] as const) {
      const group = await answer<Group>(await get(`/api/Group/${partition}/${id}`, await adminOf(partition)))
      expect(group.members.map(({ identifier }) => identifier)).toEqual([member])
    }
  })

  test('when the id is any text the tenant was seeded with', async () => {
    // A path cannot hold segments of dots alone, and no id is longer than 256 characters.
    const texts = (unit: 'grapheme-ascii' | 'binary') => fc.string({ minLength: 1, maxLength: 40, unit })
    const id = fc.oneof(texts('grapheme-ascii'), texts('binary')).filter((text) => !/^\.{1,2}$|\0/.test(text))
    const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 20, selector: foldId })
    const run = fc.asyncProperty(ids, async (texts) => {
      const groups = texts.map((text, index) => customGroup(text, `Group ${index}`))
      const partition = await createPartition({ groups })
      const token = await adminOf(partition)
      for (const { id, name } of groups) {
        const response = await get(`/api/Group/${partition}/${encodeURIComponent(id)}`, token)
        expect(await answer(response)).toMatchObject({ id, name })
      }
    })
    await fc.assert(run, { seed: 20211019, numRuns: 40 })
  })
})

describe.each(OPERATIONS)('%s > 200', (_, path) => {
  test.each(['PM.Group', 'PM.Group.Read'])('when the token holds only %s', async (scope) => {
    const partition = await createPartition()
    await answer(await get(path(partition), await adminOf(partition, [scope])))
  })

  test('when a host administrator asks for another partition', async () => {
    const partition = await createPartition()
    await answer(await get(path(partition), await hostAdmin()))
    await answer(await get(path(HOST_PARTITION), await hostAdmin()))
  })

  test('when the partition was seeded with an id that is no GUID', async () => {
    await answer(await get(path('magic-7'), await adminOf('magic-7')))
  })

  test('when literals, ids and an unknown query are spelled in any case', async () => {
    const partition = await createPartition()
    const shouted = path(partition.toUpperCase()).toUpperCase()
    const token = await adminOf(partition)
    const spelled = await answer(await get(`/Acme/Main/IDENTITY_${shouted}/?$COUNT=false`, token))
    expect(spelled).toEqual(await answer(await get(path(partition), token)))
  })
})

describe.each(OPERATIONS)('%s > 400', (_, path) => {
  test.each(['a host administrator', 'an organization'])('when %s names an unknown partition', async (caller) => {
    const token = caller === 'an organization' ? await adminOf(await createPartition()) : await hostAdmin()
    const response = await get(path('no-such-org'), token)
    expect(response.headers.get('Content-Type')).toBe('application/problem+json; charset=utf-8')
    const problem = await answer<object>(response, 400)
    expect(Object.keys(problem)).toEqual(['errors', 'type', 'title', 'status', 'traceId'])
    expect(problem).toMatchObject(invalidIn('partitionGlobalId', 'no-such-org'))
  })
})

describe(`${BY_ID} > 400`, () => {
  test.each([
    ['is neither a GUID nor known', 'no-such-group', []],
    ['is known in another partition only', 'gryff-01', [customGroup('slyth-01', 'Slytherins')]],
    ['is the word of a path, told as it was written', 'SETTING', []],
    ['is longer than any id', 'x'.repeat(300), []],
    ['is a GUID in brackets', `[${GROUP}]`, [customGroup(GROUP, 'Plain')]],
  ])('when the group id %s', async (_, id, groups) => {
    const partition = await createPartition({ groups })
    const response = await get(`/api/Group/${partition}/${encodeURIComponent(id)}`, await adminOf(partition))
    expect(await answer(response, 400)).toMatchObject(invalidIn('groupId', id))
  })
})

describe.each(OPERATIONS)('%s > 401', (_, path) => {
  test('when there is no token, or one that expired', async () => {
    const partition = await createPartition()
    const bare = await get(path(partition))
    expect(bare.headers.get('WWW-Authenticate')).toMatch(/^Bearer/)
    expect(await answer(bare, 401)).toBeNull()
    const expired = await get(path(partition), await mint({ prt_id: partition, exp: 1_700_000_000 }))
    expect(expired.headers.get('WWW-Authenticate')).toMatch(/^Bearer .*error="invalid_token"/)
    expect(await answer(expired, 401)).toBeNull()
  })
})

describe.each(OPERATIONS)('%s > 403', (_, path) => {
  test('when the token holds only PM.Group.Write', async () => {
    const partition = await createPartition()
    const response = await get(path(partition), await adminOf(partition, ['PM.Group.Write', 'PM.Setting']))
    expect(await answer(response, 403)).toEqual({
      errorMessage:
        "Scope(s) 'PM.Group.Write,PM.Setting' is(are) invalid. Expect to have 'PM.Group' or 'PM.Group.Read'. ",
    })
  })

  test('when the partition is not the caller’s: known, unknown, seeded or the host', async () => {
    const token = await adminOf(await createPartition())
    for (const partition of [await createPartition(), crypto.randomUUID(), 'magic-7', HOST_PARTITION]) {
      expect(await answer(await get(path(partition), token), 403)).toHaveProperty('errorMessage')
    }
  })
})

describe.each(OPERATIONS)('%s > 404', (_, path) => {
  test('when a host administrator names a GUID that is no partition', async () => {
    const response = await get(path(crypto.randomUUID()), await hostAdmin())
    expect(response.headers.get('Content-Type')).toBe('application/problem+json; charset=utf-8')
    expect(await answer(response, 404)).toMatchObject({ status: 404 })
  })
})

describe(`${BY_ID} > 404`, () => {
  test('when no group of the partition has the GUID, even if one of another partition has', async () => {
    const partition = await createPartition()
    const elsewhere = crypto.randomUUID()
    await createPartition({ groups: [customGroup(elsewhere, 'Elsewhere')] })
    const token = await adminOf(partition)
    for (const id of [crypto.randomUUID(), elsewhere, HOST_PARTITION]) {
      await answer(await get(`/api/Group/${partition}/${id}`, token), 404)
    }
  })
})
