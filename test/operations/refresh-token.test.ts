// POST /connect/token with a refresh token: once, for the client it was given to, with the scopes its user granted.
import { env } from 'cloudflare:workers'
import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { removeClient } from '../../src/connect/client.seed.ts'
import { Database } from '../../src/database/database.ts'
import { isolate } from '../support/control.ts'
import { type App, createApp, createCode } from '../support/sign-in.ts'
import { answer, call } from '../support/tenant.ts'

interface Tokens {
  id_token?: string
  access_token: string
  refresh_token: string
  scope: string
}

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' }
const formOf = (fields: Record<string, string>) => ({ json: new URLSearchParams(fields).toString(), headers: FORM })
const post = (fields: Record<string, string>, path = '/connect/token') => call('POST', path, formOf(fields))

const signIn = async (app: App, fields: Record<string, string> = {}) =>
  answer<Tokens>(await post({ ...(await createCode(app)).fields, ...fields }))
const refresh = (app: App, refresh_token: string, more: Record<string, string> = {}, path?: string) =>
  post({ grant_type: 'refresh_token', client_id: app.client.id, refresh_token, ...more }, path)
const refused = async (response: Response, error: string) => expect(await answer(response, 400)).toEqual({ error })

const app = await createApp()

describe('POST /connect/token with a refresh token > 200', () => {
  test('answers new tokens of the same user, session and scopes', async () => {
    const first = await signIn(app)
    const second = await answer<Tokens>(await refresh(app, first.refresh_token))
    expect(Object.keys(second)).toEqual(Object.keys(first))
    expect(second.refresh_token).not.toBe(first.refresh_token)
    expect(second.scope).toBe(first.scope)
    const [before, after] = [decodeJwt(first.access_token), decodeJwt(second.access_token)]
    expect(after).toEqual({ ...before, iat: after.iat, nbf: after.nbf, exp: after.exp, jti: after.jti })
    expect(after.jti).not.toBe(before.jti)
    expect(decodeJwt(second.id_token ?? '')).not.toHaveProperty('nonce')
  })

  test.each(['/any-org/identity_', '/org/tenant/identity_', '/identity'])('is answered under %s', async (prefix) => {
    const { refresh_token } = await signIn(app)
    await answer(await refresh(app, refresh_token, {}, `${prefix}/connect/token`))
  })

  test('takes fewer scopes, for this access token alone', async () => {
    const { refresh_token } = await signIn(app)
    const fewer = await answer<Tokens>(await refresh(app, refresh_token, { scope: 'PM.User' }))
    expect(Object.keys(fewer)).toEqual(['access_token', 'expires_in', 'token_type', 'refresh_token', 'scope'])
    expect(decodeJwt(fewer.access_token)['scope']).toEqual(['PM.User'])
    const all = await answer<Tokens>(await refresh(app, fewer.refresh_token))
    expect(all.scope).toBe('openid profile PM.User offline_access')
  })

  test('asks the database once, and not at all for a forged one', async () => {
    const { takeTrips, call: send } = isolate('deployed')
    const ask = (refresh_token: string) =>
      send('POST', '/connect/token', formOf({ grant_type: 'refresh_token', client_id: app.client.id, refresh_token }))
    const { refresh_token: next } = await answer<Tokens>(await ask((await signIn(app)).refresh_token))
    takeTrips()
    await answer(await ask(next))
    expect(takeTrips()).toHaveLength(1)
    const forged = `${next.slice(0, 63)}${next[63] === '0' ? 1 : 0}-1`
    for (const handle of [forged, `${'0'.repeat(64)}-1`, 'x', next.toLowerCase()]) await answer(await ask(handle), 400)
    expect(takeTrips()).toHaveLength(0)
  })
})

describe('POST /connect/token with a refresh token > 400', () => {
  test('invalid_grant for one that is used: of 32 at once exactly one wins, and its successor holds', async () => {
    const { refresh_token } = await signIn(app)
    const answers = await Promise.all(Array.from({ length: 32 }, () => refresh(app, refresh_token)))
    const [winner, ...others] = answers.filter(({ status }) => status === 200)
    expect(others).toEqual([])
    for (const loser of answers.filter((response) => response !== winner)) await refused(loser, 'invalid_grant')
    const next = winner && (await answer<Tokens>(winner))
    await answer(await refresh(app, next?.refresh_token ?? ''))
  })

  test('and if it is used again later, all that came from the same sign-in ends', async () => {
    const { refresh_token: first } = await signIn(app)
    const { refresh_token: second } = await answer<Tokens>(await refresh(app, first))
    const other = await signIn(app)
    await env.DB.prepare('update grants set consumed_at = consumed_at - 10001 where client_id = ?')
      .bind(app.client.id)
      .run()
    await refused(await refresh(app, first), 'invalid_grant')
    await refused(await refresh(app, second), 'invalid_grant')
    await answer(await refresh(app, other.refresh_token))
  })

  test.each<[string, (token: string) => Promise<Record<string, string>>, string]>([
    ['none', async () => ({ refresh_token: '' }), 'invalid_request'],
    ['an unknown one', async () => ({ refresh_token: `${'0'.repeat(64)}-1` }), 'invalid_grant'],
    ['a code', async () => ({ refresh_token: (await createCode(app)).code }), 'invalid_grant'],
    ['a longer one', async (token) => ({ refresh_token: `${token}1` }), 'invalid_grant'],
    ['another client', async () => ({ client_id: (await createApp()).client.id }), 'invalid_grant'],
    ['an unknown client', async () => ({ client_id: crypto.randomUUID() }), 'invalid_client'],
    ['no client', async () => ({ client_id: '' }), 'invalid_request'],
    ['scopes beyond those granted', async () => ({ scope: 'PM.User PM.Group' }), 'invalid_scope'],
  ])('for %s, which does not use it up', async (_, change, error) => {
    const { refresh_token } = await signIn(app)
    await refused(await refresh(app, refresh_token, await change(refresh_token)), error)
    await answer(await refresh(app, refresh_token))
  })

  test('a wrong secret does not use it up', async () => {
    const confidential = await createApp({ secret: 'a-long-secret' })
    const secret = { client_secret: 'a-long-secret' }
    const { refresh_token } = await signIn(confidential, secret)
    await refused(await refresh(confidential, refresh_token, { client_secret: 'wrong' }), 'invalid_client')
    await refused(await refresh(confidential, refresh_token), 'invalid_client')
    await answer(await refresh(confidential, refresh_token, secret))
  })

  test('invalid_grant from sixty days on', async () => {
    const { refresh_token } = await signIn(app)
    const { results } = await env.DB.prepare(
      "select expires_at - created_at as life from grants where client_id = ? and kind = 'refresh_token'",
    )
      .bind(app.client.id)
      .all()
    expect(new Set(results.map(({ life }) => life))).toEqual(new Set([60 * 86_400_000]))
    await env.DB.prepare('update grants set expires_at = ? where client_id = ? and consumed_at is null')
      .bind(Date.now(), app.client.id)
      .run()
    await refused(await refresh(app, refresh_token), 'invalid_grant')
  })

  test('invalid_grant for a user who is deactivated meanwhile, invalid_client for a client that is removed', async () => {
    const left = await createApp()
    const [one, two] = [await signIn(left), await signIn(left)]
    const activate = (active: number) =>
      env.DB.prepare(
        'update users set is_active = ? where entity_seq = (select seq from directory_entities where id = ?)',
      )
        .bind(active, left.user.id)
        .run()
    await activate(0)
    await refused(await refresh(left, one.refresh_token), 'invalid_grant')
    await activate(1)
    await new Database(env.DB).batch(removeClient(left.partition, left.client.id))
    await refused(await refresh(left, two.refresh_token), 'invalid_client')
  })
})

describe('a refresh token', () => {
  const introspect = async (of: App, token: string) =>
    answer<Record<string, unknown>>(await post({ client_id: of.client.id, token }, '/connect/introspect'))

  test('is described to its own client while it holds', async () => {
    const { refresh_token } = await signIn(app)
    const described = await introspect(app, refresh_token)
    expect(Object.entries(described)).toEqual([
      ['client_id', app.client.id],
      ['token_type', 'refresh_token'],
      ['iat', expect.any(Number)],
      ['exp', Number(described['iat']) + 60 * 86_400],
      ['sub', app.user.id],
      ['active', true],
      ['scope', 'openid profile PM.User offline_access'],
    ])
    expect(await introspect(await createApp(), refresh_token)).toEqual({ active: false })
    await answer(await refresh(app, refresh_token))
    expect(await introspect(app, refresh_token)).toEqual({ active: false })
  })

  test('ends by revocation, with all that came from the same sign-in, and for its own client alone', async () => {
    const { refresh_token: first, access_token } = await signIn(app)
    const { refresh_token: second } = await answer<Tokens>(await refresh(app, first))
    const other = await createApp()
    await answer(await post({ client_id: other.client.id, token: second }, '/connect/revocation'))
    expect(await introspect(app, second)).toMatchObject({ active: true })
    await answer(await post({ client_id: app.client.id, token: first }, '/connect/revocation'))
    expect(await introspect(app, second)).toEqual({ active: false })
    await refused(await refresh(app, second), 'invalid_grant')
    expect(await introspect(app, access_token)).toMatchObject({ active: true, token_type: 'access_token' })
  })

  test('is not revoked by who does not know the secret', async () => {
    const confidential = await createApp({ secret: 'a-long-secret' })
    const secret = { client_secret: 'a-long-secret' }
    const { refresh_token: token } = await signIn(confidential, secret)
    const { id: client_id } = confidential.client
    await refused(await post({ client_id, token, client_secret: 'wrong' }, '/connect/revocation'), 'invalid_client')
    await answer(await refresh(confidential, token, secret))
  })

  test('takes one round trip to describe or to revoke', async () => {
    const { takeTrips, call: send } = isolate('deployed')
    const { refresh_token: token, access_token } = await signIn(app)
    const fields = { client_id: app.client.id }
    await answer(await send('POST', '/connect/introspect', formOf({ ...fields, token: access_token })))
    for (const [path, held] of [
      ['/connect/introspect', access_token],
      ['/connect/introspect', token],
      ['/connect/revocation', token],
      ['/connect/revocation', access_token],
    ] as const) {
      takeTrips()
      await answer(await send('POST', path, formOf({ ...fields, token: held })))
      expect([path, takeTrips().length]).toEqual([path, 1])
    }
  })
})
