// POST /connect/token with a code: a user's tokens, once, for the client that asked and can prove it.
import { env } from 'cloudflare:workers'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, test } from 'vitest'
import { AUDIENCES } from '../../src/auth/scopes.ts'
import { removeClient } from '../../src/connect/client.seed.ts'
import { deletePartition } from '../../src/control/tenants/tenants.ts'
import { Database } from '../../src/database/database.ts'
import { isolate } from '../support/control.ts'
import { type App, challengeOf, createApp, createCode, REDIRECT_URI, VERIFIER } from '../support/sign-in.ts'
import { answer, call, ISSUER } from '../support/tenant.ts'

interface Tokens {
  id_token: string
  access_token: string
  refresh_token: string
}

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' }
const post = (fields: Record<string, string>, path = '/connect/token') =>
  call('POST', path, { json: new URLSearchParams(fields).toString(), headers: FORM })
const expectError = async (fields: Record<string, string>, error: string) =>
  expect(await answer(await post(fields), 400)).toEqual({ error })

const app = await createApp()

describe('POST /connect/token with a code > 200', () => {
  test('answers all tokens, in this order', async () => {
    const { fields } = await createCode(app)
    const body = await answer<Tokens>(await post(fields))
    expect(Object.entries(body)).toEqual([
      ['id_token', expect.stringMatching(/^ey/)],
      ['access_token', expect.stringMatching(/^ey/)],
      ['expires_in', 3600],
      ['token_type', 'Bearer'],
      ['refresh_token', expect.stringMatching(/^[0-9A-F]{64}-1$/)],
      ['scope', 'openid profile PM.User offline_access'],
    ])
  })

  test('gives the access token the claims that clients read, in this order', async () => {
    const { fields } = await createCode(app)
    const { access_token } = await answer<Tokens>(await post(fields))
    const claims = decodeJwt(access_token)
    expect(decodeProtectedHeader(access_token)).toMatchObject({ alg: 'RS256', typ: 'at+jwt' })
    expect(Object.entries(claims)).toEqual([
      ['iss', ISSUER],
      ['nbf', claims.iat],
      ['iat', expect.any(Number)],
      ['exp', (claims.iat ?? 0) + 3600],
      ['aud', AUDIENCES],
      ['scope', ['openid', 'profile', 'PM.User', 'offline_access']],
      ['amr', ['pwd']],
      ['client_id', app.client.id],
      ['sub', app.user.id],
      ['auth_time', expect.any(Number)],
      ['idp', 'local'],
      ['sub_type', 'user'],
      ['prt_id', app.partition],
      ['preferred_username', app.user.name],
      ['name', app.user.displayName],
      ['first_name', 'Ada'],
      ['last_name', 'Admin'],
      ['email', 'ada@org.example'],
      ['ext_idp_disp_name', 'GlobalIdp'],
      ['sid', 'A'.repeat(32)],
      ['jti', expect.stringMatching(/^[0-9A-F]{32}$/)],
    ])
  })

  test('gives the id_token five minutes, the nonce, and the claims of the scopes', async () => {
    const { fields } = await createCode(app)
    const { id_token } = await answer<Tokens>(await post(fields))
    const claims = decodeJwt(id_token)
    expect(decodeProtectedHeader(id_token)).toMatchObject({ typ: 'JWT' })
    expect(claims).toMatchObject({ aud: app.client.id, nonce: 'n-1', sub: app.user.id, prt_id: app.partition })
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(300)
    expect(claims['at_hash']).toMatch(/^[\w-]{22}$/)
    expect(claims).toHaveProperty('name')
    expect(claims).not.toHaveProperty('email')
  })

  test('gives no id_token without openid, and no refresh token without offline_access', async () => {
    const { fields } = await createCode(app, { scopes: ['PM.User'] })
    expect(Object.keys(await answer<Tokens>(await post(fields)))).toEqual([
      'access_token',
      'expires_in',
      'token_type',
      'scope',
    ])
  })

  test('takes a secret from a client that has one, by form or Basic', async () => {
    const confidential = await createApp({ secret: 'a-long-secret' })
    const { fields } = await createCode(confidential)
    await answer(await post({ ...fields, client_secret: 'a-long-secret' }))
    const { fields: other } = await createCode(confidential)
    const Authorization = `Basic ${btoa(`${confidential.client.id}:a-long-secret`)}`
    const json = new URLSearchParams(other).toString()
    await answer(await call('POST', '/connect/token', { json, headers: { ...FORM, Authorization } }))
  })

  test('is answered under an organization as well', async () => {
    const { fields } = await createCode(app)
    await answer(await post(fields, '/any-org/identity_/connect/token'))
  })

  test('asks the database once, and not at all for a forged code', async () => {
    const { takeTrips, call: send } = isolate('deployed')
    const ask = (fields: Record<string, string>) =>
      send('POST', '/connect/token', { json: new URLSearchParams(fields).toString(), headers: FORM })
    const first = await createCode(app)
    await answer(await ask(first.fields))
    takeTrips()
    const { fields } = await createCode(app)
    await answer(await ask(fields))
    expect(takeTrips()).toHaveLength(1)
    const forged = `${fields.code.slice(0, 63)}${fields.code[63] === '0' ? 1 : 0}-1`
    await answer(await ask({ ...fields, code: forged }), 400)
    expect(takeTrips()).toHaveLength(0)
  })
})

describe('POST /connect/token with a code > 400', () => {
  test('invalid_grant for one that is used, whoever is first of many', async () => {
    const { fields } = await createCode(app)
    const answers = await Promise.all(Array.from({ length: 32 }, () => post(fields)))
    expect(answers.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1)
    await expectError(fields, 'invalid_grant')
  })

  test.each<[string, (app: App) => Promise<Record<string, string>>, string]>([
    ['no code', async () => ({ code: '' }), 'invalid_grant'],
    ['an unknown code', async () => ({ code: `${'0'.repeat(64)}-1` }), 'invalid_grant'],
    ['another address', async () => ({ redirect_uri: `${REDIRECT_URI}/` }), 'invalid_grant'],
    ['no address', async () => ({ redirect_uri: '' }), 'unauthorized_client'],
    ['no verifier', async () => ({ code_verifier: '' }), 'invalid_grant'],
    ['another verifier', async () => ({ code_verifier: `${VERIFIER}x` }), 'invalid_grant'],
    ['the challenge as verifier', async () => ({ code_verifier: await challengeOf(VERIFIER) }), 'invalid_grant'],
    ['another client', async () => ({ client_id: (await createApp()).client.id }), 'invalid_grant'],
    ['an unknown client', async () => ({ client_id: crypto.randomUUID() }), 'invalid_client'],
    ['no client', async () => ({ client_id: '' }), 'invalid_request'],
  ])('for %s', async (_, change, error) => {
    const { fields } = await createCode(app)
    await expectError({ ...fields, ...(await change(app)) }, error)
  })

  test('a wrong secret does not use the code up', async () => {
    const confidential = await createApp({ secret: 'a-long-secret' })
    const { fields } = await createCode(confidential)
    await expectError({ ...fields, client_secret: 'a-wrong-secret' }, 'invalid_client')
    await expectError(fields, 'invalid_client')
    await answer(await post({ ...fields, client_secret: 'a-long-secret' }))
  })

  test('a verifier where the request had no challenge is refused: somebody may have taken it out', async () => {
    const { fields } = await createCode(app, { details: { authTime: 1, amr: 'pwd', redirectUri: REDIRECT_URI } })
    await expectError(fields, 'invalid_grant')
  })

  test('invalid_grant after its time', async () => {
    const longAgo = Date.parse('2026-01-01T00:00:00Z')
    const { fields } = await createCode(app, { now: longAgo })
    await expectError(fields, 'invalid_grant')
  })

  test('invalid_grant for a user who is deactivated or gone', async () => {
    const left = await createApp()
    const { fields } = await createCode(left)
    await env.DB.prepare(
      'update users set is_active = 0 where entity_seq = (select seq from directory_entities where id = ?)',
    )
      .bind(left.user.id)
      .run()
    await expectError(fields, 'invalid_grant')
    const { fields: other } = await createCode(left, { user: crypto.randomUUID() })
    await expectError(other, 'invalid_grant')
  })

  test('a client that is removed takes its codes with it, and so does a partition', async () => {
    const [one, two] = [await createApp(), await createApp()]
    const codes = [await createCode(one), await createCode(two)]
    await new Database(env.DB).batch(removeClient(one.partition, one.client.id))
    await new Database(env.DB).all(deletePartition, { partition: two.partition })
    for (const { fields } of codes) await expectError(fields, 'invalid_client')
    const { results } = await env.DB.prepare('select 1 from grants where client_id in (?, ?)')
      .bind(one.client.id, two.client.id)
      .all()
    expect(results).toEqual([])
  })

  test('unauthorized_client for a client that is not registered with the grant type', async () => {
    const other = await createApp({ grantTypes: ['client_credentials'], secret: 'a-long-secret' })
    const { fields } = await createCode(other)
    await expectError({ ...fields, client_secret: 'a-long-secret' }, 'unauthorized_client')
    await expectError({ ...fields, code: '', client_secret: 'a-long-secret' }, 'unauthorized_client')
  })
})
