// A tenant whose time is over answers nothing from that moment, long before the Cron removes it; its names are free.
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type CreatedTenant, isolate } from '../support/control.ts'
import { answer, hostAdmin, mint } from '../support/tenant.ts'

const here = isolate('deployed')
let tenant: CreatedTenant
let token: string

beforeEach(async () => {
  tenant = await here.create({ name: 'short-lived', ttl: 60 })
  token = tenant.tokens.admin
  await answer(await put('before'))
})

afterEach(async () => {
  vi.useRealTimers()
  await here.control('DELETE', '/tenants/short-lived')
})

/** Some time passes; the tokens are good for an hour. */
const pass = (seconds: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 })

const put = (value: string, bearer = token) =>
  here.call('PUT', '/api/Setting', {
    token: bearer,
    json: { partitionGlobalId: tenant.id, settings: [{ key: 'k', value }] },
  })

const connect = ([client] = tenant.clients) =>
  here.call('POST', '/connect/token', {
    json: `grant_type=client_credentials&client_id=${client?.id}&client_secret=${client?.secret}`,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  })

test('its tokens, a host administrator’s, and those of its users read and write nothing', async () => {
  const asHost = await hostAdmin()
  const asUser = await mint({ prt_id: tenant.id, sub: tenant.users[0]?.id ?? '', sub_type: 'user' })
  const reads = (bearer: string) => here.call('GET', `/api/Group/${tenant.id}`, { token: bearer })
  pass(59)
  for (const bearer of [token, asHost, asUser]) await answer(await reads(bearer))
  pass(1)
  for (const bearer of [token, asHost, asUser]) {
    await answer(await reads(bearer), 404)
    await answer(await put('after', bearer), 404)
  }
  const stored = await env.DB.prepare('select value from settings where partition_id = ? and key = ?')
    .bind(tenant.id, 'k')
    .first('value')
  expect(stored).toBe('before')
})

test('that is checked without another round trip', async () => {
  here.takeTrips()
  await answer(await put('x'))
  expect(here.takeTrips()).toHaveLength(1)
  pass(60)
  await answer(await put('x'), 404)
  expect(here.takeTrips()).toHaveLength(1)
})

test('its clients get no token', async () => {
  await answer(await connect())
  pass(60)
  expect(await answer(await connect(), 400)).toEqual({ error: 'invalid_client' })
})

test('its name and its clients are free at once, and those in their time are not', async () => {
  await answer(await here.control('POST', '/tenants', { name: 'short-lived' }), 409)
  pass(60)
  const next = await here.create({ name: 'short-lived', ttl: 60 })
  await answer(await connect(next.clients))
  pass(60)
  const seed = { clients: [{ id: next.clients[0]?.id, secret: 'a-secret-of-another' }] }
  await here.create({ name: 'another-name', seed })
  await answer(await here.control('POST', '/tenants', { name: 'third', seed }), 409)
  await here.control('DELETE', '/tenants/another-name')
})

test('any number of them takes a bounded number of queries to remove', async () => {
  await here.control('POST', '/expired')
  const ids = Array.from({ length: 1000 }, () => crypto.randomUUID())
  await env.DB.batch([
    env.DB.prepare('insert into partitions (id, name) select value, value from json_each(?)').bind(JSON.stringify(ids)),
    env.DB.prepare(
      'insert into tenants (partition_id, created_at, expires_at) select value, 1, 2 from json_each(?)',
    ).bind(JSON.stringify(ids)),
  ])
  here.takeTrips()
  expect((await here.control('POST', '/expired')).status).toBe(204)
  const trips = here.takeTrips()
  expect(trips.length).toBeLessThan(40)
  expect(await env.DB.prepare('select count(*) as n from tenants where expires_at = 2').first('n')).toBe(0)
})
