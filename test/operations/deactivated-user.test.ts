// A user who is deactivated, and a client that is removed, are refused from the next request on, whatever they hold.
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { removeClient } from '../../src/connect/client.seed.ts'
import { Database } from '../../src/database/database.ts'
import { isolate } from '../support/control.ts'
import { createApp, createCode } from '../support/sign-in.ts'
import { adminOf, answer, call } from '../support/tenant.ts'

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' }
const formOf = (fields: Record<string, string>) => ({ json: new URLSearchParams(fields).toString(), headers: FORM })

async function signIn() {
  const app = await createApp()
  const { fields } = await createCode(app)
  const tokens = await answer<{ access_token: string; refresh_token: string }>(
    await call('POST', '/connect/token', formOf(fields)),
  )
  return { app, ...tokens }
}

test('a user who is deactivated reads nothing of its own, and again when it is active', async () => {
  const { app, access_token: token } = await signIn()
  const setActive = async (isActive: boolean) =>
    answer(await call('PUT', `/api/User/${app.user.id}`, { token: await adminOf(app.partition), json: { isActive } }))
  const setting = `/api/Setting?partitionGlobalId=${app.partition}&userId=${app.user.id}`
  const paths = [`/api/User/${app.user.id}`, '/connect/userinfo']
  const statuses = () => Promise.all(paths.map(async (path) => (await call('GET', path, { token })).status))

  expect(await statuses()).toEqual([200, 200])
  await setActive(false)
  expect(await statuses()).toEqual([403, 401])
  expect((await call('GET', setting, { token })).status).toBe(403)
  await setActive(true)
  expect(await statuses()).toEqual([200, 200])
})

test('a user who is deactivated learns nothing of its organization', async () => {
  const { app, access_token: token } = await signIn()
  const paths = [
    '/portal_/api/filtering/leftnav/tenantsAndOrganizationInfo',
    `/organization_/api/organization/${app.partition}/AllInfo`,
  ]
  const { send } = isolate('deployed')
  const statuses = () => Promise.all(paths.map(async (path) => (await send('GET', path, { token })).status))
  const setActive = async (isActive: boolean) =>
    answer(await call('PUT', `/api/User/${app.user.id}`, { token: await adminOf(app.partition), json: { isActive } }))

  expect(await statuses()).toEqual([200, 200])
  await setActive(false)
  expect(await statuses()).toEqual([403, 403])
  await setActive(true)
  expect(await statuses()).toEqual([200, 200])
})

test('tokens of a client that is removed tell nothing of the user, and are not renewed', async () => {
  const { app, access_token: token, refresh_token } = await signIn()
  await answer(await call('GET', '/connect/userinfo', { token }))
  await new Database(env.DB).batch(removeClient(app.partition, app.client.id))
  const response = await call('GET', '/connect/userinfo', { token })
  expect([response.status, response.headers.get('WWW-Authenticate')]).toEqual([
    401,
    'Bearer realm="IdentityServer",error="invalid_token"',
  ])
  const fields = { grant_type: 'refresh_token', client_id: app.client.id, refresh_token }
  expect(await answer(await call('POST', '/connect/token', formOf(fields)), 400)).toEqual({ error: 'invalid_client' })
})

test('a tenant whose time is over gives no tokens and tells nothing', async () => {
  const { app, access_token: token, refresh_token } = await signIn()
  const { fields } = await createCode(app)
  await env.DB.prepare('insert into tenants (partition_id, created_at, expires_at) values (?, 0, ?)')
    .bind(app.partition, 1)
    .run()
  const ended = isolate('deployed')
  const renew = { grant_type: 'refresh_token', client_id: app.client.id, refresh_token }
  for (const form of [fields, renew]) {
    expect((await ended.call('POST', '/connect/token', formOf(form))).status).toBe(400)
  }
  expect((await ended.call('GET', '/connect/userinfo', { token })).status).toBe(401)
})

test('userinfo takes one round trip', async () => {
  const { access_token: token } = await signIn()
  const { takeTrips, call: send } = isolate('deployed')
  await answer(await send('GET', '/connect/userinfo', { token }))
  takeTrips()
  await answer(await send('GET', '/connect/userinfo', { token }))
  expect(takeTrips()).toHaveLength(1)
})
