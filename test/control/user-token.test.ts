// POST /_control/tenants/{tenant}/sign-ins: a user's tokens without a browser.
import { env } from 'cloudflare:workers'
import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { plantClient } from '../../src/connect/client.seed.ts'
import { Database } from '../../src/database/database.ts'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'
import { CONTROL_TOKEN, isolate } from '../support/control.ts'
import { auditOnce, callsWith, makeKey, makeTenant } from '../support/keys.ts'
import { answer } from '../support/tenant.ts'

const here = isolate('deployed')
const { control, create, send } = here

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

describe('with the key of a team or of a tenant', () => {
  const made = async () => {
    const team = await makeKey(here, `signing-in-${crypto.randomUUID()}`, { rows: 400, rowsAtOnce: 200 })
    const own = await makeTenant(here, team.key, { seed: { users: SEED.users } })
    const usage = async () =>
      (await answer<{ rows: number }>(await callsWith(here, team.key)('GET', `/tenants/${own.id}/usage`))).rows
    const signInBy = (key: string, client?: string) =>
      callsWith(here, key)('POST', `/tenants/${own.id}/sign-ins`, { user: 'ada', ...(client && { client }) })
    return { team, own, usage, signInBy }
  }

  test('its rows count against the limit of the key, and there is no token beyond it', async () => {
    const { own, usage, signInBy } = await made()
    const before = await usage()
    await answer(await signInBy(own.key), 201)
    expect(await usage()).toBe(before + 1)
    await env.DB.prepare('update tenants set max_rows = rows where partition_id = ?').bind(own.id).run()
    await answer(await signInBy(own.key), 403)
  })

  test('a key that is revoked between the look-up and the write leaves no grant', async () => {
    const { team, own, signInBy } = await made()
    await answer(await signInBy(team.key), 201)
    const grants = () => env.DB.prepare('select count(*) n from grants where partition_id = ?').bind(own.id).first('n')
    await env.DB.prepare('delete from control_keys where id = ?').bind(team.id).run()
    await answer(await signInBy(team.key), 401)
    expect(await grants()).toBe(1)
  })

  test('the sign-in is in the audit log of the team, with the tenant', async () => {
    const { team, own, signInBy } = await made()
    await answer(await signInBy(team.key), 201)
    const isSignIn = ({ operation }: { operation: string | null }) => operation === 'signIn'
    const rows = await auditOnce(here, (found) => found.some(isSignIn), team.key)
    expect(rows.find(isSignIn)).toMatchObject({ key: team.id, tenant: own.id, status: 201 })
  })

  test('no client of the host that users do not sign in with is told of, or used', async () => {
    const { own, signInBy } = await made()
    const id = `operator-${crypto.randomUUID()}`
    const seed = { id, partition: HOST_PARTITION, secret: 'a-secret', scopes: ['PM.User'], hostAdmin: true }
    await new Database(env.DB).batch(await plantClient({ ...seed, grantTypes: ['client_credentials'] }))
    await answer(await signInBy(own.key, id), 400)
    expect(await (await signInBy(own.key, `${id}x`)).text()).not.toContain(`mean ${id}`)
  })
})

describe('in a deployment', () => {
  const deployed = isolate('deployed', { LOCAL: '' })
  const users = [{ id: 'ada', userName: 'ada' }]
  const made = async (json: object) => {
    const team = await makeKey(deployed, `deployed-${crypto.randomUUID()}`)
    const own = await makeTenant(deployed, team.key, { seed: { users }, ...json })
    const by = (key: string, method: string, path: string, body?: object) =>
      callsWith(deployed, key)(method, `/tenants/${own.id}${path}`, body)
    return { team, own, by }
  }

  test.each(['team', 'tenant', 'root'] as const)(
    '409 with the key of kind %s, unless the tenant was made for it',
    async (kind) => {
      const { team, own, by } = await made({})
      const key = { team: team.key, tenant: own.key, root: CONTROL_TOKEN }[kind]
      const refused = await answer(await by(key, 'POST', '/sign-ins', { user: 'ada' }), 409)
      expect(refused).toMatchObject({ detail: expect.stringContaining('passwordless') })
      await answer(await by(key, 'PUT', '/sign-in', { user: 'ada' }), 409)
      const fork = await answer<{ id: string }>(await by(team.key, 'POST', '/fork', {}), 201)
      const forked = `/tenants/${fork.id}/sign-ins`
      await answer(await callsWith(deployed, team.key)('POST', forked, { user: 'ada' }), 409)
    },
  )

  test('201 for one that was, in its journal though that is off, without the tokens', async () => {
    const { own, by } = await made({ passwordless: true })
    const { access_token } = await answer<Tokens>(await by(own.key, 'POST', '/sign-ins', { user: 'ada' }), 201)
    const journal = await by(own.key, 'GET', '/journal')
    const text = await journal.clone().text()
    const [client] = own.clients
    const principal = { userId: 'ada', clientId: client?.id }
    expect(await answer(journal)).toMatchObject({ results: [{ operation: 'signIn', principal, status: 201 }] })
    expect(text).not.toContain(access_token)
  })
})
