// POST /connect/token: what gets a token, which one, and what gets none.
import { env, exports } from 'cloudflare:workers'
import fc from 'fast-check'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, test } from 'vitest'
import { keyRing } from '../../src/auth/keys.ts'
import { AUDIENCES } from '../../src/auth/scopes.ts'
import { type ClientSeed, plantClient } from '../../src/connect/client.seed.ts'
import { Database } from '../../src/database/database.ts'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'
import { answer, call, createPartition, ISSUER, ORIGIN } from '../support/tenant.ts'

interface Grant {
  access_token: string
  expires_in: number
  token_type: string
  scope: string
}

const FORM = 'application/x-www-form-urlencoded'
const ERRORS = ['invalid_request', 'invalid_client', 'unauthorized_client', 'unsupported_grant_type', 'invalid_scope']

type Fields = Record<string, string>

const form = (fields: Fields | string[][] | string) => new URLSearchParams(fields).toString()
const post = (body: BodyInit | null, headers: Fields = {}, path = '/identity_/connect/token') =>
  exports.default.fetch(`${ORIGIN}${path}`, { method: 'POST', body, headers: { 'Content-Type': FORM, ...headers } })
const basic = (credentials: string) => ({ Authorization: `Basic ${btoa(credentials)}` })

/** A client of its own partition, and the form that asks a token for it. */
async function createClient(seed: Partial<ClientSeed> = {}) {
  const partition = await createPartition()
  const scopes = ['PM.Group', 'PM.Setting.Read', 'PM.Setting']
  const client = { id: crypto.randomUUID(), secret: 'a-secret', partition, scopes, hostAdmin: false, ...seed }
  await new Database(env.DB).batch(await plantClient(client))
  const fields = { grant_type: 'client_credentials', client_id: client.id, client_secret: client.secret }
  return { ...client, fields }
}

const grant = async (response: Response | Promise<Response>) => answer<Grant>(await response)
const { fields: known, id, secret, scopes } = await createClient()
const credentials = { client_id: id, client_secret: secret }

async function expectError(response: Response, error: string) {
  expect(await answer(response, 400)).toEqual({ error })
  expect(response.headers.get('Cache-Control')).toBe('no-store')
  expect(response.headers.get('Content-Type')).toBe('application/json; charset=utf-8')
}

describe('POST /connect/token > 200', () => {
  test('answers the token, its lifetime as a number, its type and its scopes, in this order, not to be stored', async () => {
    const response = await post(form(known))
    const body = await grant(response)
    expect(Object.entries(body)).toEqual([
      ['access_token', expect.stringMatching(/^ey[\w-]+\.ey[\w-]+\.[\w-]+$/)],
      ['expires_in', 3600],
      ['token_type', 'Bearer'],
      ['scope', scopes.join(' ')],
    ])
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(response.headers.get('Content-Type')).toBe('application/json; charset=utf-8')
  })

  test('gives the claims clients read', async () => {
    const client = await createClient()
    const before = Math.floor(Date.now() / 1000)
    const { access_token } = await grant(post(form(client.fields)))
    const after = Math.floor(Date.now() / 1000)
    const { signing } = await keyRing(env)
    const claims = decodeJwt(access_token)
    expect(decodeProtectedHeader(access_token)).toEqual({ alg: 'RS256', kid: signing.kid, typ: 'at+jwt' })
    expect(claims).toEqual({
      iss: ISSUER,
      aud: AUDIENCES,
      nbf: claims.iat,
      iat: expect.any(Number),
      exp: (claims.iat ?? 0) + 3600,
      client_id: client.id,
      sub: client.id,
      sub_type: 'service.external',
      prt_id: client.partition,
      scope: scopes,
      jti: expect.stringMatching(/^[0-9A-F]{32}$/),
    })
    expect(claims.iat).toBeGreaterThanOrEqual(before)
    expect(claims.iat).toBeLessThanOrEqual(after)
  })

  test("says host 'True' for a host administrator alone", async () => {
    const admin = await createClient({ partition: HOST_PARTITION, hostAdmin: true })
    expect(decodeJwt((await grant(post(form(admin.fields)))).access_token)).toMatchObject({
      host: 'True',
      prt_id: HOST_PARTITION,
    })
  })

  test('gives every token an id of its own', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => grant(post(form(known)))))
    expect(new Set(tokens.map(({ access_token }) => decodeJwt(access_token).jti)).size).toBe(20)
  })

  test('gives a token that opens what its scopes allow', async () => {
    const client = await createClient({ scopes: ['PM.Group.Read'] })
    const { access_token: token } = await grant(post(form(client.fields)))
    await answer(await call('GET', `/api/Group/${client.partition}`, { token }))
    await answer(await call('GET', `/api/Setting?partitionGlobalId=${client.partition}`, { token }), 403)
  })

  test.each(['Basic', 'basic', 'BASIC'])('takes the credentials of HTTP %s', async (scheme) => {
    const Authorization = `${scheme} ${btoa(`${id}:${secret}`)}`
    await grant(post('grant_type=client_credentials', { Authorization }))
    await grant(post('grant_type=client_credentials&client_id=&client_secret=', { Authorization }))
  })

  test.each(['co:lon', 'per%cent', 'plus+plus', 'a space', 'Grüße 😀', '&=;"\\', '%3A', 'x:'])(
    'takes an id and a secret with `%s` in them, form-encoded in both places',
    async (text) => {
      const client = await createClient({ id: `${text}${crypto.randomUUID()}`, secret: text })
      await grant(post(form(client.fields)))
      const [name = '', value = ''] = [client.id, text].map((half) => form({ half }).slice(5))
      await grant(post('grant_type=client_credentials', basic(`${name}:${value}`)))
      await grant(
        post('grant_type=client_credentials', basic(`${encodeURIComponent(client.id)}:${encodeURIComponent(text)}`)),
      )
    },
  )

  test('takes empty fields for absent ones, whichever a client always sends', async () => {
    const empty = { code: '', code_verifier: '', redirect_uri: '', refresh_token: '', scope: '', username: '' }
    expect(await grant(post(form({ ...empty, ...known })))).toMatchObject({ scope: scopes.join(' ') })
    expect(await grant(post(`${form(known)}&client_id=&scope=&grant_type=`))).toMatchObject({ scope: scopes.join(' ') })
  })

  test.each([
    ['all of the client when none is asked for', undefined, 'PM.Group PM.Setting.Read PM.Setting'],
    ['all of the client for spaces alone', '  ', 'PM.Group PM.Setting.Read PM.Setting'],
    ['one of them', 'PM.Setting.Read', 'PM.Setting.Read'],
    ['several, as asked for', 'PM.Setting PM.Group', 'PM.Setting PM.Group'],
    ['each once', ' PM.Group  PM.Group PM.Setting ', 'PM.Group PM.Setting'],
  ])('grants %s', async (_, scope, granted) => {
    const body = await grant(post(form({ ...known, ...(scope !== undefined && { scope }) })))
    expect(body.scope).toBe(granted)
    expect(decodeJwt(body.access_token)['scope']).toEqual(granted.split(' '))
  })

  test('ignores fields it does not know, a charset, and a bearer token', async () => {
    const headers = { 'Content-Type': `${FORM}; charset=UTF-8`, Authorization: 'Bearer abc' }
    await grant(post(form({ ...known, acr_values: 'tenantId:org', constructor: '1' }), headers))
  })

  test.each(['/identity', '/org/identity_', `/${HOST_PARTITION}/identity_`, '/org/tenant/identity_', '/ORG/IDENTITY_'])(
    'answers under %s, always as the same issuer',
    async (prefix) => {
      const { access_token } = await grant(post(form(known), {}, `${prefix}/connect/token`))
      expect(decodeJwt(access_token).iss).toBe(ISSUER)
    },
  )
})

const without = (name: string) => form(Object.entries(known).filter(([field]) => field !== name))

describe('POST /connect/token > 400', () => {
  test.each(['PM.Unknown', 'pm.group', 'PM.User', 'PM.Group PM.User', 'PM.Group,PM.Setting', 'offline_access'])(
    'invalid_scope for `%s`',
    async (scope) => expectError(await post(form({ ...known, scope })), 'invalid_scope'),
  )

  test.each([
    ['an unknown client', form({ ...known, client_id: 'nobody' })],
    ['an id in another case', form({ ...known, client_id: id.toUpperCase() })],
    ['a wrong secret', form({ ...known, client_secret: 'wrong' })],
    ['a secret in another case', form({ ...known, client_secret: secret.toUpperCase() })],
    ['the secret of another client', form({ ...known, client_secret: 'host-admin-secret' })],
    ['an empty secret', form({ ...known, client_secret: '' })],
    ['no secret', without('client_secret')],
    ['a wildcard for an id', form({ ...known, client_id: '%' })],
    ["an unknown client's unknown grant", form({ grant_type: 'magic', client_id: 'nobody', client_secret: 'x' })],
  ])('invalid_client for %s', async (_, body) => expectError(await post(body), 'invalid_client'))

  test.each([
    ['with a broken escape', btoa(`${id}:%zz`)],
    ['that is no UTF-8', btoa(`${id}:\xff\xfe`)],
    ['with a wrong secret', btoa(`${id}:wrong`)],
  ])('invalid_client for HTTP Basic %s, whatever the form says', async (_, encoded) => {
    const headers = { Authorization: `Basic ${encoded}` }
    await expectError(await post('grant_type=client_credentials', headers), 'invalid_client')
    await expectError(await post(form(known), headers), 'invalid_client')
  })

  test.each([
    ['that is no base64', '***'],
    ['without a colon', btoa(id)],
    ['that is a colon', btoa(':')],
    ['with a blank id', btoa(` :${secret}`)],
    ['of 100 KB', 'YWFh'.repeat(25_000)],
    ['with an id of 101 characters', btoa(`${'a'.repeat(101)}:${secret}`)],
    ['with a secret of 101 characters', btoa(`${id}:${'a'.repeat(101)}`)],
  ])('HTTP Basic %s is ignored, and the form is read', async (_, encoded) => {
    const headers = { Authorization: `Basic ${encoded}` }
    await expectError(await post('grant_type=client_credentials', headers), 'invalid_request')
    await grant(post(form(known), headers))
  })

  test('HTTP Basic without a secret gives way to a client of the form', async () => {
    const headers = basic(`${id}:`)
    await expectError(await post('grant_type=client_credentials', headers), 'invalid_client')
    await expectError(
      await post(form({ grant_type: 'client_credentials', client_secret: secret }), headers),
      'invalid_client',
    )
    await expectError(await post(form({ ...known, client_secret: 'wrong' }), headers), 'invalid_client')
    await grant(post(form(known), headers))
  })

  test('unauthorized_client for a grant type that is known and not the client’s', async () =>
    expectError(await post(form({ ...known, grant_type: 'authorization_code' })), 'unauthorized_client'))

  test('unauthorized_client for `password`, and invalid_request for a refresh token that is not sent', async () => {
    await expectError(await post(form({ ...known, grant_type: 'password' })), 'unauthorized_client')
    await expectError(await post(form({ ...known, grant_type: 'refresh_token' })), 'invalid_request')
  })

  test.each(['implicit', 'CLIENT_CREDENTIALS', 'client_credentials ', 'x'.repeat(101), '', ' '])(
    'unsupported_grant_type for `%s`',
    async (grant_type) => expectError(await post(form({ ...known, grant_type })), 'unsupported_grant_type'),
  )

  test.each<[string, BodyInit | null, Fields]>([
    ['JSON', JSON.stringify(known), { 'Content-Type': 'application/json' }],
    ['a form called JSON', form(known), { 'Content-Type': 'application/json' }],
    ['a form called text', form(known), { 'Content-Type': 'text/plain' }],
    ['a form of another name', form(known), { 'Content-Type': `${FORM}2` }],
    ['a multipart form', '--a\r\n', { 'Content-Type': 'multipart/form-data; boundary=a' }],
    ['JSON called a form', JSON.stringify(known), {}],
    ['no body', null, {}],
    ['no id', without('client_id'), {}],
    ['a blank id', form({ ...known, client_id: ' ' }), {}],
    ['no credentials', 'grant_type=client_credentials', {}],
    ['an id of 101 characters', form({ ...known, client_id: 'a'.repeat(101) }), {}],
    ['a secret of 101 characters', form({ ...known, client_secret: 'a'.repeat(101) }), {}],
    ['a repeated grant_type', `${form(known)}&grant_type=client_credentials`, {}],
    ['a repeated client_id', `${form(known)}&client_id=${id}`, {}],
    ['a repeated client_secret', `${form(known)}&client_secret=other`, {}],
    ['a repeated scope', `${form(known)}&scope=PM.Group&scope=PM.Setting`, {}],
  ])('invalid_request for %s', async (_, body, headers) => expectError(await post(body, headers), 'invalid_request'))

  test('whatever the body and the credentials are', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 })
    const name = fc.oneof(fc.constantFrom('grant_type', 'client_id', 'client_secret', 'scope', '__proto__'), text)
    const body = fc.oneof(fc.uint8Array(), fc.array(fc.tuple(name, text)).map(form), fc.constant(form(credentials)))
    const header = fc.option(fc.oneof(fc.base64String(), fc.string()), { nil: undefined })
    await fc.assert(
      fc.asyncProperty(body, header, async (sent, encoded) => {
        const response = await post(sent, encoded === undefined ? {} : { Authorization: `Basic ${encoded}` })
        const { error, ...rest } = await answer<{ error: string }>(response, 400)
        expect({ rest, known: ERRORS.includes(error) }).toEqual({ rest: {}, known: true })
      }),
      { seed: 1, numRuns: 300 },
    )
  })
})
