// Settings that are secrets: given back as they were written, and nowhere to be read in the database.
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { isSealed } from '../src/secrets/is-secret.ts'
import type { Setting } from '../src/settings/setting.schema.ts'
import { countedCalls } from './counting-d1.ts'
import { adminOf, answer, call, createPartition, user } from './tenant.ts'

const KEY = 'Email.Smtp.Password'
const SECRET = 'alohomora ünd "more"'

let partition: string
let token: string

beforeEach(async () => {
  partition = await createPartition({ entities: [user('ada')] })
  token = await adminOf(partition)
})

const put = async (value: string | null, more: object = {}, key = KEY) =>
  answer<Setting[]>(
    await call('PUT', '/api/Setting', {
      token,
      json: { settings: [{ key, value }], partitionGlobalId: partition, ...more },
    }),
  )

const get = async (more = '', id = partition, as = token) =>
  call('GET', `/api/Setting?partitionGlobalId=${id}&key=${KEY}${more}`, { token: as })

const kept = (id = partition) =>
  env.DB.prepare('select value from settings where partition_id = ? and key = ?')
    .bind(id, KEY)
    .first<string | null>('value')

const keep = (value: string | null, id = partition) =>
  env.DB.prepare('insert into settings (partition_id, key, value) values (?, ?, ?)').bind(id, KEY, value).run()

test.each([
  ['Email.Smtp.Password', true],
  ['email.smtp.password', true],
  ['Auth.Google.ClientSecret', true],
  ['Hook.ApiKey', true],
  ['Auth.Password.PasswordComplexity', false],
  ['Auth.Password.DefaultExpirationDays', false],
  ['Email.Smtp.UseDefaultCredentials', false],
  ['Email.Smtp.Host', false],
])('the value of %s is a secret: %s', (key, secret) => {
  expect(isSealed(key)).toBe(secret)
})

describe('a secret', () => {
  test('is answered as it was written and kept sealed', async () => {
    expect(await put(SECRET)).toMatchObject([{ key: KEY, value: SECRET }])
    expect(await answer(await get())).toMatchObject([{ key: KEY, value: SECRET }])
    expect(await kept()).toMatch(/^sealed:v1:[\w-]{8}:[\w-]{16}:[\w-]+$/)
  })

  test.each(['', 'sealed:v1:AAAAAAAA:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAA', 'sealed:v1:'])(
    'may be the text "%s"',
    async (value) => {
      await put(value)
      expect(await answer(await get())).toMatchObject([{ value }])
      expect(await kept()).not.toBe(value)
    },
  )

  test('may be null', async () => {
    await put(null)
    expect(await answer(await get())).toMatchObject([{ value: null }])
    expect(await kept()).toBeNull()
  })

  test('of a user is given back to ids in any case', async () => {
    await put(SECRET, { userId: 'ADA' })
    expect(await answer(await get('&userId=aDa', partition.toUpperCase()))).toMatchObject([{ value: SECRET }])
  })

  test('that was kept before there was a key is still read, and sealed when it is written again', async () => {
    await keep('as it was')
    expect(await answer(await get())).toMatchObject([{ value: 'as it was' }])
    await put('as it was')
    expect(await kept()).toMatch(/^sealed:v1:/)
  })

  test('moved to another owner does not open there', async () => {
    await put(SECRET, { userId: 'ada' })
    await env.DB.prepare('update settings set user_seq = null where partition_id = ?').bind(partition).run()
    const text = await (await get()).text()
    expect(text).not.toContain('alohomora')
    expect(text).toContain('"status":503')
  })

  test('costs no further round trip, to write or to read, opened before or not', async () => {
    const counted = await countedCalls()
    const settings = [{ key: KEY, value: SECRET }]
    const json = { settings, partitionGlobalId: partition }
    const written = await counted('PUT', '/api/Setting', { token, json })
    const path = `/api/Setting?partitionGlobalId=${partition}&key=${KEY}`
    const first = await counted('GET', path, { token })
    const again = await counted('GET', path, { token })
    expect([written, first, again].map(({ trips }) => trips.length)).toEqual([1, 1, 1])
    expect(await answer(again.response)).toMatchObject(settings)
  })
})

test('what is no secret is kept as it is, whatever it looks like', async () => {
  const value = 'sealed:v1:AAAAAAAA:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAA'
  expect(await put(value, {}, 'Email.Smtp.Host')).toMatchObject([{ value }])
  const path = `/api/Setting?partitionGlobalId=${partition}&key=Email.Smtp.Host`
  expect(await answer(await call('GET', path, { token }))).toMatchObject([{ value }])
})

test('the signing key is kept sealed', async () => {
  const rows = await env.DB.prepare('select private_jwk as jwk from signing_keys').all<{ jwk: string }>()
  expect(rows.results.length).toBeGreaterThan(0)
  for (const { jwk } of rows.results) expect(jwk).toMatch(/^sealed:v1:/)
})
