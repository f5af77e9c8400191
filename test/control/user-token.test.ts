// POST /_control/tenants/{tenant}/sign-ins: a user's tokens without a browser.
import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { isolate } from '../support/control.ts'
import { answer } from '../support/tenant.ts'

const { control, create, send } = isolate('deployed')

const app = `app-${crypto.randomUUID()}`
const SEED = {
  users: [
    { id: 'ada', userName: 'ada', email: 'ada@org.example' },
    { userName: 'idle', isActive: false },
  ],
  clients: [
    { id: `robot-${app}`, secret: 'a-secret-of-the-robot', scopes: ['PM.User'] },
    { id: app, public: true, redirectUris: ['https://app.example/callback'], scopes: ['openid', 'PM.User'] },
  ],
}
const tenant = await create({ seed: SEED, journal: true })

interface Tokens {
  id_token?: string
  access_token: string
  refresh_token: string
  scope: string
}
const signIn = (json: object) => control('POST', `/tenants/${tenant.id}/sign-ins`, json)
const errors = async (json: object) =>
  (await answer<{ errors: Record<string, string[]> }>(await signIn(json), 400)).errors

describe('201', () => {
  test.each(['ada', 'ADA@org.example'])('for the user %s, with all the scopes of the client of users', async (user) => {
    const tokens = await answer<Tokens>(await signIn({ user }), 201)
    expect(tokens.scope).toBe('openid PM.User offline_access')
    expect(decodeJwt(tokens.access_token)).toMatchObject({ sub: 'ada', client_id: app, prt_id: tenant.id })
    expect(decodeJwt(tokens.id_token ?? '')).toMatchObject({ sub: 'ada', aud: app })
  })

  test('with the client and scopes that are asked for', async () => {
    const tokens = await answer<Tokens>(await signIn({ user: 'ada', client: `robot-${app}`, scopes: ['PM.User'] }), 201)
    expect(Object.keys(tokens)).toEqual(['access_token', 'expires_in', 'token_type', 'scope'])
    expect(decodeJwt(tokens.access_token)).toMatchObject({ client_id: `robot-${app}`, scope: ['PM.User'] })
  })

  test('for a client of the vendor', async () => {
    const client = '36dea5b8-e8bb-423d-8e7b-c808df8f1c00'
    const tokens = await answer<Tokens>(await signIn({ user: 'ada', client, scopes: ['openid', 'PM.User'] }), 201)
    expect(decodeJwt(tokens.access_token)).toMatchObject({ client_id: client, prt_id: tenant.id })
  })

  test('the refresh token holds for its client, and the journal names user and client', async () => {
    const { refresh_token } = await answer<Tokens>(await signIn({ user: 'ada' }), 201)
    const fields = { grant_type: 'refresh_token', client_id: app, refresh_token }
    const json = new URLSearchParams(fields).toString()
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const { access_token } = await answer<Tokens>(await send('POST', '/identity_/connect/token', { json, headers }))
    await answer(await send('GET', '/identity_/connect/userinfo', { token: access_token }))
    const journal = await control('GET', `/tenants/${tenant.id}/journal?operation=Connect_UserInfo`)
    const principal = { userId: 'ada', clientId: app }
    expect(await answer(journal)).toMatchObject({ results: [{ principal, status: 200 }] })
    const exchanged = await control('GET', `/tenants/${tenant.id}/journal?operation=Connect_Token`)
    expect(await answer(exchanged)).toMatchObject({ results: [{ principal, status: 200 }] })
    expect(await (await control('GET', `/tenants/${tenant.id}/journal`)).text()).not.toContain(refresh_token)
  })
})

describe('400', () => {
  test.each<[object, string, string]>([
    [{ user: 'adda' }, 'user', 'did you mean ada'],
    [{ user: 'idle' }, 'user', 'not active'],
    [{ user: 'ada', client: `${app}x` }, 'client', `did you mean ${app}?`],
    [{ user: 'ada', scopes: ['PM.Group'] }, 'scopes', 'openid PM.User offline_access'],
    [{ user: 'ada', scopes: ['profile'] }, 'scopes', 'need openid'],
    [{ user: 'ada', scope: [] }, 'scope', 'scopes'],
    [{}, 'user', ''],
  ])('for %j', async (json, field, text) => {
    expect(await errors(json)).toEqual({ [field]: [expect.stringContaining(text)] })
  })

  test('for a client of another tenant', async () => {
    const other = await create({})
    const [client] = other.clients
    expect(await errors({ user: 'ada', client: client?.id })).toHaveProperty('client')
  })
})

test('404 for a tenant that there is not, 401 without the control token', async () => {
  await answer(await control('POST', '/tenants/nothing/sign-ins', { user: 'ada' }), 404)
  await answer(await send('POST', `/_control/tenants/${tenant.id}/sign-ins`, { json: { user: 'ada' } }), 401)
})
