// PUT /api/Setting: writes all of the given settings or none.
import { beforeEach, describe, expect, test } from 'vitest'
import type { Setting } from '../../src/settings/setting.schema.ts'
import { adminOf, answer, call, createPartition, hostAdmin, user } from '../support/tenant.ts'

let partition: string
let token: string

beforeEach(async () => {
  partition = await createPartition({ entities: [user('ada'), user('bob')] })
  token = await adminOf(partition)
})

const put = async (settings: unknown, more: object = {}, as = token) =>
  call('PUT', '/api/Setting', { token: as, json: { settings, partitionGlobalId: partition, ...more } })

const written = async (settings: unknown, more?: object) => answer<Setting[]>(await put(settings, more))

const stored = async (keys: string[], more = '') => {
  const query = keys.map((key) => `key=${encodeURIComponent(key)}`).join('&')
  const rows = await answer<Setting[]>(
    await call('GET', `/api/Setting?partitionGlobalId=${partition}&${query}${more}`, { token }),
  )
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]))
}

describe('PUT /api/Setting > 200', () => {
  test('answers only the rows written, in the order of the request', async () => {
    await written([{ key: 'before', value: 'kept' }])
    const rows = await written([
      { key: 'z', value: '1' },
      { key: 'a', value: '2' },
      { key: 'before', value: 'changed' },
    ])
    expect(rows.map(({ key, value }) => [key, value])).toEqual([
      ['z', '1'],
      ['a', '2'],
      ['before', 'changed'],
    ])
  })

  test('keeps null, the empty string and a missing value apart from each other as null, "" and null', async () => {
    await written([{ key: 'null', value: null }, { key: 'empty', value: '' }, { key: 'missing' }])
    expect(await stored(['null', 'empty', 'missing'])).toEqual({ null: null, empty: '', missing: null })
  })

  test('keeps the id of a row that is written again and gives new rows consecutive new ones', async () => {
    const [first] = await written([{ key: 'a', value: '1' }])
    const [again, fresh] = await written([
      { key: 'a', value: '2' },
      { key: 'b', value: '3' },
    ])
    expect(again?.id).toBe(first?.id)
    expect(fresh?.id).toBe((first?.id ?? 0) + 1)
  })

  test("keeps a user's rows apart from the partition's and from another user's", async () => {
    await written([{ key: 'k', value: 'partition' }])
    const [ofAda] = await written([{ key: 'k', value: 'ada' }], { userId: 'ADA' })
    expect(ofAda).toMatchObject({ userId: 'ada', partitionGlobalId: partition })
    await written([{ key: 'k', value: 'bob' }], { userId: 'bob' })
    expect(await stored(['k'])).toEqual({ k: 'partition' })
    expect(await stored(['k'], '&userId=ada')).toEqual({ k: 'ada' })
    expect(await stored(['k'], '&userId=bob')).toEqual({ k: 'bob' })
  })

  test('takes property names in any case, ignores unknown ones, and an empty userId is none', async () => {
    const response = await call('PUT', '/api/Setting', {
      token,
      json: { SETTINGS: [{ Key: 'k', VALUE: 'v', Extra: {} }], PartitionGlobalId: partition, userid: '', more: [1] },
    })
    expect(await answer(response)).toMatchObject([{ key: 'k', value: 'v', userId: null }])
  })

  test('writes nothing and answers an empty array for no settings', async () => {
    expect(await written([])).toEqual([])
  })

  test('writes 1,000 settings at once and again', async () => {
    const settings = Array.from({ length: 1000 }, (_, index) => ({ key: `k${index}`, value: `v${index}` }))
    const first = await written(settings)
    const again = await written(settings.toReversed())
    expect(again.map(({ key }) => key)).toEqual(settings.map(({ key }) => key).toReversed())
    expect(again.toReversed()).toEqual(first)
  })

  test('keeps values as they are, whatever characters they have', async () => {
    const values = [
      '"quotes" \\ and \n lines',
      '😀 ﷽ ',
      '{"json":[1,2]}',
      '1e3',
      'null',
      ' padded ',
      '\u0001\u001f\u2028',
      'x'.repeat(100_000),
    ]
    await written(values.map((value, index) => ({ key: `k${index}`, value })))
    expect(Object.values(await stored(values.map((_, index) => `k${index}`)))).toEqual(values)
  })
})

describe('PUT /api/Setting > Auth.Password.PasswordComplexity', () => {
  const key = 'Auth.Password.PasswordComplexity'
  const regexOf = async (value: string) =>
    JSON.parse((await written([{ key, value }]))[0]?.value ?? '').RegexComplexity.Regex

  test.each([
    ['{"LENGTH":8}', '.{8,}'],
    ['{"hasuppercase":true,"HASDIGIT":true,"length":"12"}', '(?=.*\\d)(?=.*[A-Z]).{12,}'],
    [
      '{"hasSpecialCharacter":true,"hasLowercase":true,"hasUppercase":true,"hasDigit":true,"Length":" 6 "}',
      '(?=.*\\d)(?=.*[a-z])(?=.*[^a-zA-Z\\d])(?=.*[A-Z]).{6,}',
    ],
    ['{"hasDigit":null}', undefined],
    ['{"Length":1}', '.{1,}'],
    ['{"Length":"256"}', '.{256,}'],
  ])('%s has the expression %s', async (value, regex) => {
    if (regex === undefined) await answer(await put([{ key, value }]), 400)
    else expect(await regexOf(value)).toBe(regex)
  })

  test('is stored in a form that is written again unchanged', async () => {
    const [first] = await written([{ key, value: '{"hasDigit":true,"Length":"10"}' }])
    const [again] = await written([{ key, value: first?.value }])
    expect(again).toEqual(first)
  })

  test.each([
    null,
    '',
    'x',
    '[]',
    '"x"',
    '7',
    'null',
    '{"Length":"ten"}',
    '{"Length":-1}',
    '{"Length":0}',
    '{"Length":257}',
    '{"Length":"0"}',
    '{"Length":"257"}',
    '{"hasDigit":"yes"}',
    '{',
  ])('400 and nothing written for %j', async (value) => {
    const refused = await answer<{ errors: object }>(
      await put([
        { key: 'other', value: '1' },
        { key, value },
      ]),
      400,
    )
    expect(Object.keys(refused.errors)).toEqual(['settings[1].value'])
    expect(await stored(['other', key])).toEqual({})
  })
})

describe('PUT /api/Setting > refusals leave nothing behind', () => {
  test.each([
    ['no settings', { settings: undefined }, 'settings'],
    ['settings that are null', { settings: null }, 'settings'],
    ['settings that are no array', { settings: {} }, 'settings'],
    ['a setting that is no object', { settings: [{ key: 'k', value: 'v' }, 'x'] }, 'settings[1]'],
    ['a setting without a key', { settings: [{ key: 'k', value: 'v' }, { value: 'v' }] }, 'settings[1].key'],
    ['an empty key', { settings: [{ key: 'k' }, { key: '' }] }, 'settings[1].key'],
    ['a key with a NUL', { settings: [{ key: 'k' }, { key: 'a\0b' }] }, 'settings[1].key'],
    ['a key with half a character', { settings: [{ key: 'k' }, { key: '\ud800' }] }, 'settings[1].key'],
    ['a value that is a list', { settings: [{ key: 'k', value: [5] }] }, 'settings[0].value'],
    ['a value that is an object', { settings: [{ key: 'k', value: {} }] }, 'settings[0].value'],
    ['a value with a NUL', { settings: [{ key: 'k', value: 'a\0b' }] }, 'settings[0].value'],
    ['a userId that is a number', { settings: [{ key: 'k' }], userId: 5 }, 'userId'],
    ['an unknown user', { settings: [{ key: 'k' }], userId: 'nobody' }, 'userId'],
    ['more than 1,000 settings', { settings: Array.from({ length: 1001 }, (_, i) => ({ key: `k${i}` })) }, 'settings'],
  ])('400 for %s', async (_, json, field) => {
    const refused = await answer<{ errors: object }>(await put([], json), 400)
    expect(Object.keys(refused.errors)).toEqual([field])
    expect(await stored(['k', 'k0'])).toEqual({})
  })

  test('403 for host rows without being a host administrator', async () => {
    for (const partitionGlobalId of ['', null, undefined]) {
      expect(await answer(await put([{ key: 'k' }], { partitionGlobalId }), 403)).toEqual({
        errorMessage: 'User is not host admin',
      })
    }
  })

  test("403 for another partition, and nothing is written there or in the caller's own", async () => {
    const other = await createPartition()
    await answer(await put([{ key: 'k', value: 'v' }], { partitionGlobalId: other }), 403)
    expect(await stored(['k'])).toEqual({})
    const query = `/api/Setting?partitionGlobalId=${other}&key=k`
    expect(await answer(await call('GET', query, { token: await hostAdmin() }))).toEqual([])
  })

  test('404 for a user of another partition', async () => {
    const id = crypto.randomUUID()
    await createPartition({ entities: [user(id)] })
    await answer(await put([{ key: 'k', value: 'v' }], { userId: id }), 404)
    expect(await stored(['k'])).toEqual({})
  })

  test('404 for an unknown partition', async () => {
    const unknown = { partitionGlobalId: crypto.randomUUID() }
    await answer(await put([{ key: 'k', value: 'v' }], unknown, await hostAdmin()), 404)
  })

  test('409 when a key stands twice in the request', async () => {
    const twice = [
      { key: 'k', value: '1' },
      { key: 'k', value: '2' },
    ]
    expect(await (await put(twice)).text()).toBe('')
    expect((await put(twice)).status).toBe(409)
    expect(await stored(['k'])).toEqual({})
  })
})

test('200 concurrent writes of one set of keys leave one row a key, all of one write', async () => {
  const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  const answers = await Promise.all(
    Array.from({ length: 200 }, async (_, index) => written(keys.map((key) => ({ key, value: String(index) })))),
  )
  for (const [index, rows] of answers.entries())
    expect(rows.map(({ value }) => value)).toEqual(keys.map(() => String(index)))
  expect(new Set(answers.map((rows) => JSON.stringify(rows.map(({ id }) => id))))).toHaveProperty('size', 1)
  expect(new Set(Object.values(await stored(keys)))).toHaveProperty('size', 1)
})
