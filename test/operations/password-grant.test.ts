// POST /connect/token with a user's name and password, for the clients that are registered with it.
import { env } from 'cloudflare:workers'
import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'
import { isolate } from '../support/control.ts'
import { makeKey, makeTenant } from '../support/keys.ts'
import { createApp, setPassword } from '../support/sign-in.ts'
import { adminOf, answer, call } from '../support/tenant.ts'

const PASSWORD = 'Correct horse 1'
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' }
const app = await createApp({ grantTypes: ['password'], secret: 'a-long-secret' })
await setPassword(app.user.id, PASSWORD)
const known = {
  grant_type: 'password',
  client_id: app.client.id,
  client_secret: 'a-long-secret',
  username: app.user.name,
  password: PASSWORD,
}

const formOf = (fields: Record<string, string>) => ({ json: new URLSearchParams(fields).toString(), headers: FORM })
const post = (fields: Record<string, string>) => call('POST', '/connect/token', formOf(fields))
const WRONG = { error: 'invalid_grant', error_description: 'invalid_username_or_password' }

interface Tokens {
  access_token: string
  refresh_token: string
  scope: string
}

test('200 with the user’s tokens, by name or address, and a refresh token that holds', async () => {
  for (const username of [app.user.name, app.user.email.toUpperCase()]) {
    const tokens = await answer<Tokens>(await post({ ...known, username, scope: 'openid PM.User offline_access' }))
    expect(Object.keys(tokens)).toEqual([
      ...['id_token', 'access_token', 'expires_in', 'token_type', 'refresh_token', 'scope'],
    ])
    expect(decodeJwt(tokens.access_token)).toMatchObject({ sub: app.user.id, amr: ['pwd'], prt_id: app.partition })
    const { refresh_token } = tokens
    await answer(await post({ ...known, grant_type: 'refresh_token', refresh_token }))
  }
})

test('all of the client’s scopes where none are asked for', async () => {
  const { scope } = await answer<Tokens>(await post(known))
  expect(scope).toBe('openid profile email PM.User PM.Group offline_access')
})

test.each<[string, Record<string, string>, object]>([
  ['a wrong password', { password: 'x' }, WRONG],
  ['no password', { password: '' }, WRONG],
  ['an unknown user', { username: 'nobody' }, WRONG],
  ['no user', { username: '' }, { error: 'invalid_grant' }],
  ['a scope that is not the client’s', { scope: 'PM.Audit' }, { error: 'invalid_scope' }],
  ['a wrong secret', { client_secret: 'x' }, { error: 'invalid_client' }],
])('400 for %s', async (_, change, error) => {
  expect(await answer(await post({ ...known, ...change }), 400)).toEqual(error)
})

test('400 for a client that is not registered with it', async () => {
  const other = await createApp()
  expect(await answer(await post({ ...known, client_id: other.client.id }), 400)).toEqual({
    error: 'unauthorized_client',
  })
})

test('a client of the host signs in users of the organization that is named by its id', async () => {
  const host = await createApp({ partition: HOST_PARTITION, grantTypes: ['password'], secret: 'a-long-secret' })
  const fields = { ...known, client_id: host.client.id }
  const tokens = await answer<Tokens>(await post({ ...fields, acr_values: `idp:x tenant:${app.partition}` }))
  expect(decodeJwt(tokens.access_token)).toMatchObject({ sub: app.user.id, prt_id: app.partition })
  for (const acr_values of ['', 'tenant:x', `tenant:${crypto.randomUUID()}`]) {
    expect(await answer(await post({ ...fields, acr_values }), 400)).toEqual(WRONG)
  }
})

test('attempts are recorded, and the user is locked out like at the page', async () => {
  const locked = await createApp({ grantTypes: ['password'] })
  await setPassword(locked.user.id, PASSWORD)
  const fields = { ...known, client_id: locked.client.id, username: locked.user.name }
  for (let attempt = 0; attempt < 10; attempt++) await answer(await post({ ...fields, password: 'x' }), 400)
  expect(await answer(await post(fields), 400)).toEqual(WRONG)
  const attempts = await call('GET', `/api/User/${locked.user.id}/loginAttempts`, {
    token: await adminOf(locked.partition),
  })
  expect(await answer<{ totalCount: number }>(attempts)).toMatchObject({ totalCount: 11 })
  await env.DB.prepare('update users set lockout_end = 0 where lockout_end is not null').run()
  await answer(await post(fields))
})

test('400 where the tenant holds as many rows as its key allows, or its time is over', async () => {
  const here = isolate('deployed')
  const client = { id: `app-${crypto.randomUUID()}`, public: true, scopes: ['PM.User'], grantTypes: ['password'] }
  const users = [{ userName: 'luna', password: PASSWORD }]
  const team = await makeKey(here, `full-${client.id}`, { rows: 400, rowsAtOnce: 200 })
  const { id } = await makeTenant(here, team.key, { seed: { users, clients: [client] } })
  const host = await createApp({ partition: HOST_PARTITION, grantTypes: ['password'] })
  const form = { grant_type: 'password', username: 'luna', password: PASSWORD, acr_values: `tenant:${id}` }
  const send = (client_id: string) => here.call('POST', '/connect/token', formOf({ ...form, client_id }))
  await answer(await send(client.id))
  await env.DB.prepare('update tenants set max_rows = rows where partition_id = ?').bind(id).run()
  const full = { error: 'temporarily_unavailable', error_description: expect.stringContaining('more rows') }
  expect(await answer(await send(client.id), 400)).toEqual(full)
  await env.DB.prepare('update tenants set expires_at = 1 where partition_id = ?').bind(id).run()
  expect(await answer(await send(client.id), 400)).toEqual({ error: 'invalid_client' })
  expect(await answer(await send(host.client.id), 400)).toEqual({ error: 'invalid_grant' })
})
