// GET /api/Setting: a lookup by keys, for a partition or for one user in it.
import { beforeAll, describe, expect, test } from 'vitest'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'
import type { Setting } from '../../src/settings/setting.schema.ts'
import { adminOf, answer, call, createPartition, hostAdmin, user } from '../support/tenant.ts'

const GUID = 'd2f6a1f0-7f5c-4a43-93d7-0f5a8b8f2a10'
const PARTITION_ROWS = [
  { key: 'a', value: '1' },
  { key: 'B', value: '' },
  { key: 'c', value: null },
]

let partition: string
let token: string

const lookup = (query: string, as = token) => call('GET', `/api/Setting?${query}`, { token: as })
const rows = async (query: string, as?: string) => answer<Setting[]>(await lookup(query, as))
const pairs = async (query: string, as?: string) => (await rows(query, as)).map(({ key, value }) => [key, value])

beforeAll(async () => {
  partition = await createPartition({ entities: [user('ada'), user(GUID)] })
  token = await adminOf(partition)
  const write = async (settings: unknown[], userId?: string) =>
    answer(await call('PUT', '/api/Setting', { token, json: { settings, partitionGlobalId: partition, userId } }))
  await write(PARTITION_ROWS)
  await write([{ key: 'a', value: 'of ada' }], 'ada')
})

describe('GET /api/Setting > 200', () => {
  test('answers the rows of the asked keys, ascending by id, whatever the order of the request', async () => {
    const found = await rows(`key=c&key=B&key=a&partitionGlobalId=${partition}`)
    expect(found.map(({ key, value }) => ({ key, value }))).toEqual(PARTITION_ROWS)
    expect(found.map(({ id }) => id)).toEqual(found.map(({ id }) => id).sort((one, other) => one - other))
    expect(found.map((row) => [row.partitionGlobalId, row.userId])).toEqual(Array(3).fill([partition, null]))
  })

  test('leaves out keys that are not set and keys in another case', async () => {
    expect(await pairs(`key=a&key=b&key=unset&partitionGlobalId=${partition}`)).toEqual([['a', '1']])
  })

  test('answers each row once though its key is asked for twice', async () => {
    expect(await pairs(`key=a&key=a&partitionGlobalId=${partition}`)).toEqual([['a', '1']])
  })

  test.each(['', '&userId=ada'])('answers an empty array without keys%s', async (more) => {
    expect(await rows(`partitionGlobalId=${partition}${more}`)).toEqual([])
  })

  test("answers a user's rows only, without falling back to the partition's", async () => {
    expect(await pairs(`key=a&key=B&partitionGlobalId=${partition}&userId=ADA`)).toEqual([['a', 'of ada']])
    expect((await rows(`key=a&partitionGlobalId=${partition}&userId=ADA`))[0]?.userId).toBe('ada')
  })

  test('answers an empty array for a user without rows', async () => {
    expect(await rows(`key=a&partitionGlobalId=${partition}&userId=${GUID}`)).toEqual([])
  })

  test("takes an empty userId for none and answers the partition's own rows", async () => {
    expect(await pairs(`key=a&partitionGlobalId=${partition}&userId=`)).toEqual([['a', '1']])
  })

  test('takes names in any case, merges their values, and ignores unknown parameters', async () => {
    const query = `KEY=a&Key=B&partitionglobalid=${partition.toUpperCase()}&$count=false&x=y`
    expect(await pairs(query)).toEqual([
      ['a', '1'],
      ['B', ''],
    ])
  })

  test('takes a key with any characters', async () => {
    const settings = ['a b+c&d=e', 'ключ', '🔑', '%41', "'; drop table settings; --", '[0]'].map((key) => ({
      key,
      value: key,
    }))
    await answer(await call('PUT', '/api/Setting', { token, json: { settings, partitionGlobalId: partition } }))
    const query = settings.map(({ key }) => `key=${encodeURIComponent(key)}`).join('&')
    expect(await pairs(`${query}&partitionGlobalId=${partition}`)).toEqual(settings.map(({ key }) => [key, key]))
  })

  test('takes hundreds of keys in one request', async () => {
    const settings = Array.from({ length: 500 }, (_, index) => ({ key: `many-${index}`, value: String(index) }))
    await answer(await call('PUT', '/api/Setting', { token, json: { settings, partitionGlobalId: partition } }))
    const query = settings.map(({ key }) => `key=${key}`).join('&')
    expect(await pairs(`${query}&partitionGlobalId=${partition}`)).toHaveLength(500)
  })

  test('answers host rows to a host administrator who names no partition', async () => {
    const json = { Settings: [{ Key: 'Email.Smtp.Host', Value: 'SendGrid' }], PartitionGlobalId: '' }
    await answer(await call('PUT', '/api/setting', { token: await hostAdmin(), json }))
    for (const query of ['key=Email.Smtp.Host', `key=Email.Smtp.Host&partitionGlobalId=${HOST_PARTITION}`]) {
      expect((await rows(query, await hostAdmin()))[0]).toMatchObject({
        value: 'SendGrid',
        partitionGlobalId: HOST_PARTITION,
      })
    }
  })

  test('answers any partition to a host administrator', async () => {
    expect(await pairs(`key=a&partitionGlobalId=${partition}`, await hostAdmin())).toEqual([['a', '1']])
  })
})

describe('GET /api/Setting > 400', () => {
  const refused = async (query: string) => answer<{ errors: unknown }>(await lookup(query, await hostAdmin()), 400)

  test('when the partition is neither a GUID nor known', async () => {
    const { errors } = await refused('key=a&partitionGlobalId=DatacomGroup')
    expect(errors).toEqual({ partitionGlobalId: ["The value 'DatacomGroup' is not valid."] })
  })

  test('when the user is neither a GUID nor known', async () => {
    const { errors } = await refused(`key=a&partitionGlobalId=${partition}&userId=Nobody`)
    expect(errors).toEqual({ userId: ["The value 'Nobody' is not valid."] })
  })

  test('for a caller who could not see the partition either', async () => {
    await answer(await lookup('key=a&partitionGlobalId=DatacomGroup'), 400)
  })
})

describe('GET /api/Setting > 403', () => {
  test.each(['', 'partitionGlobalId=', `partitionGlobalId=${HOST_PARTITION}`])(
    'when the host partition is meant (%s) and the caller is no host administrator',
    async (query) => {
      expect(await answer(await lookup(`key=a&${query}`), 403)).toEqual({ errorMessage: 'User is not host admin' })
    },
  )

  test.each([GUID, 'magic-7'])('when %s is not the partition of the caller', async (other) => {
    await answer(await lookup(`key=a&partitionGlobalId=${other}`), 403)
  })
})

describe('GET /api/Setting > 404', () => {
  test('when the partition is a GUID nothing is known by', async () => {
    await answer(await lookup(`key=a&partitionGlobalId=${GUID}`, await hostAdmin()), 404)
  })

  test('when the user is a GUID nothing is known by', async () => {
    await answer(await lookup(`key=a&partitionGlobalId=${partition}&userId=${HOST_PARTITION}`), 404)
  })
})
