// A tenant of a deployment that a team made without `passwordless`: whatever is tried, nobody gets a user's tokens without a
// password.
import { env } from 'cloudflare:workers'
import { beforeAll, expect, test } from 'vitest'
import { type CreatedTenant, isolate } from '../support/control.ts'
import { callsWith, type MadeKey, makeKey, makeTenant } from '../support/keys.ts'
import { Browser, challengeOf, REDIRECT_URI, VERIFIER } from '../support/sign-in.ts'
import { answer } from '../support/tenant.ts'

const here = isolate('deployed', { LOCAL: '' })
const newBrowser = () => new Browser(here.send)
const app = `app-${crypto.randomUUID()}`
const GRANTS = ['authorization_code', 'password', 'urn:ietf:params:oauth:grant-type:device_code']
const SEED = {
  users: [
    { id: 'ada', userName: 'ada', email: 'ada@org.example' },
    { id: 'luna', userName: 'luna', password: 'a password of hers' },
  ],
  clients: [{ id: app, public: true, scopes: ['openid', 'PM.User'], redirectUris: [REDIRECT_URI], grantTypes: GRANTS }],
}

let team: MadeKey
let tenant: CreatedTenant
let request: Record<string, string>

beforeAll(async () => {
  team = await makeKey(here, 'without-password')
  tenant = await makeTenant(here, team.key, { seed: SEED })
  request = {
    ...{ response_type: 'code', client_id: app, redirect_uri: REDIRECT_URI, scope: 'openid PM.User' },
    ...{ code_challenge: await challengeOf(VERIFIER), code_challenge_method: 'S256' },
  }
})

const grantsOf = (id: string) =>
  env.DB.prepare(
    `select (select count(*) from grants where partition_id = ?1 and user_id is not null)
      + (select count(*) from sessions where partition_id = ?1) n`,
  )
    .bind(id)
    .first('n')

test.each(['ada', 'luna', 'ada@org.example', 'ADA'])('%s is not signed in by a hint', async (login_hint) => {
  for (const more of [{}, { prompt: 'none' }, { prompt: 'consent' }, { acr_values: `tenant:${tenant.id}` }]) {
    const query = new URLSearchParams({ ...request, ...more, login_hint })
    const response = await newBrowser().get(`/identity_/connect/authorize?${query}`)
    expect(response.headers.get('Location')).not.toContain('code=')
  }
  expect(await grantsOf(tenant.id)).toBe(0)
})

test.each<[string, Record<string, string>]>([
  ['a pick', { user: 'ada' }],
  ['a pick beside a name', { user: 'luna', username: 'luna', password: '' }],
  ['no password', { username: 'ada' }],
  ['an empty one, of a user who has none', { username: 'ada', password: '' }],
  ['an empty one, of a user who has one', { username: 'luna', password: '' }],
  ['the text null', { username: 'ada', password: 'null' }],
])('nobody is signed in at the page by %s', async (_, entered) => {
  const browser = newBrowser()
  const { fields } = await browser.openPage(request)
  expect((await browser.post('/identity_/web/login', { ...fields, ...entered })).status).toBe(400)
  expect(await grantsOf(tenant.id)).toBe(0)
})

test.each<[string, Record<string, string>]>([
  ['no password', { username: 'ada' }],
  ['an empty one', { username: 'ada', password: '' }],
  ['an empty one, of a user who has one', { username: 'luna', password: '' }],
])('the token endpoint takes %s for none', async (_, entered) => {
  const form = { grant_type: 'password', client_id: app, scope: 'openid PM.User', ...entered }
  expect(await answer(await newBrowser().post('/identity_/connect/token', form), 400)).toMatchObject({
    error: 'invalid_grant',
  })
})

test('nor does the control plane sign anybody in, there, in a fork, or after a reset', async () => {
  const made = await makeTenant(here, team.key, { seed: { users: SEED.users }, passwordless: true })
  const plane = callsWith(here, team.key)
  const fork = await answer<CreatedTenant>(await plane('POST', `/tenants/${made.id}/fork`, {}), 201)
  await plane('POST', `/tenants/${tenant.id}/reset`)
  for (const { id } of [tenant, fork]) {
    await answer(await plane('PUT', `/tenants/${id}/sign-in`, { user: 'ada' }), 409)
    await answer(await plane('POST', `/tenants/${id}/sign-ins`, { user: 'ada' }), 409)
    expect(await grantsOf(id)).toBe(0)
  }
})

test('with the password luna gets a code', async () => {
  const to = await newBrowser().signIn(request, 'luna', 'a password of hers')
  expect(to.searchParams.get('code')).toBeTruthy()
})
