// Attacks with what outlives its tenant, its key or its account: each opens nothing.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type CreatedTenant, isolate } from '../support/control.ts'
import { callsWith, type MadeKey, makeKey, makeTenant } from '../support/keys.ts'
import { answer } from '../support/tenant.ts'

const here = isolate('deployed')
let names = 0
let team: MadeKey
let tenant: CreatedTenant

beforeEach(async () => {
  team = await makeKey(here, 'ending')
  const users = [{ id: 'vera', userName: 'vera' }]
  const seed = { users, groups: [{ name: 'Administrators', members: ['vera'] }] }
  tenant = await makeTenant(here, team.key, { name: `ending-${names++}`, ttl: 60, seed })
})

afterEach(() => {
  vi.useRealTimers()
})

const pass = (seconds: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 })
const plane = (key: string, method: string, path: string, json?: unknown) => callsWith(here, key)(method, path, json)
const readGroups = async (token: string, id = tenant.id) =>
  (await here.call('GET', `/api/Group/${id}`, { token })).status

async function tokenOf(user: string) {
  const minted = await plane(tenant.key, 'POST', `/tenants/${tenant.id}/tokens`, { user, expiresIn: 86_400 })
  return (await answer<{ token: string }>(minted, 201)).token
}

describe('a tenant whose time is over', () => {
  test.each<[method: string, path: string, json?: unknown]>([
    ['GET', ''],
    ['GET', '/dump'],
    ['GET', '/journal'],
    ['GET', '/usage'],
    ['GET', '/snapshots'],
    ['POST', '/fork', {}],
    ['POST', '/reset'],
    ['POST', '/tokens', {}],
    ['PUT', '/dump', {}],
    ['PUT', '/clock', { now: '2000-01-01T00:00:00Z' }],
    ['DELETE', ''],
  ])('is not there for the team: %s %s', async (method, path, json) => {
    pass(60)
    await answer(await plane(team.key, method, `/tenants/${tenant.name}${path}`, json), 404)
    if (path !== '/fork') await answer(await plane(tenant.key, method, `/tenants/${tenant.id}${path}`, json), 404)
  })

  test('is not listed, and answers neither its tokens nor its clients, though its clock was put back', async () => {
    await answer(await plane(tenant.key, 'PUT', `/tenants/${tenant.id}/clock`, { now: '2000-01-01T00:00:00Z' }))
    pass(60)
    expect(await answer(await plane(tenant.key, 'GET', '/tenants'))).toEqual({ results: [], next: null })
    expect([403, 404]).toContain(await readGroups(tenant.tokens.admin))
    const [client] = tenant.clients
    const json = `grant_type=client_credentials&client_id=${client?.id}&client_secret=${client?.secret}`
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    expect(await answer(await here.call('POST', '/connect/token', { json, headers }), 400)).toEqual({
      error: 'invalid_client',
    })
  })

  test('leaves nothing behind for the next one of its name', async () => {
    pass(60)
    const other = await makeKey(here, 'heirs')
    const next = await makeTenant(here, other.key, { name: tenant.name, ttl: 60 })
    for (const key of [team.key, tenant.key]) {
      const { status } = await plane(key, 'GET', `/tenants/${tenant.name}/dump`)
      expect([401, 404]).toContain(status)
    }
    expect((await plane(tenant.key, 'GET', '/tenants')).status).toBe(401)
    expect(await readGroups(tenant.tokens.admin, next.id)).toBe(403)
  })
})

describe('a key that has ended', () => {
  test('opens nothing from the moment that it is revoked, in another isolate either; nor do those of its tenants', async () => {
    const elsewhere = isolate('deployed')
    const statuses = async () =>
      Promise.all(
        [here, elsewhere].flatMap((isolated) =>
          [team.key, tenant.key].map(
            async (key) => (await callsWith(isolated, key)('GET', `/tenants/${tenant.id}`)).status,
          ),
        ),
      )
    expect(await statuses()).toEqual([200, 200, 200, 200])
    expect((await here.control('DELETE', `/keys/${team.id}`)).status).toBe(204)
    expect(await statuses()).toEqual([401, 401, 401, 401])
    await answer(await here.control('GET', `/tenants/${tenant.id}`))
  })

  test('changes nothing where it is revoked between the look-up and the write', async () => {
    await answer(await plane(team.key, 'GET', '/tenants'))
    await here.control('DELETE', `/keys/${team.id}`)
    expect((await plane(team.key, 'POST', '/tenants', { name: 'made-with-a-revoked-key' })).status).toBe(401)
    await answer(await here.control('GET', '/tenants/made-with-a-revoked-key'), 404)
  })

  test('of another key of the same team the tenants go on', async () => {
    const second = await makeKey(here, 'ending')
    await here.control('DELETE', `/keys/${team.id}`)
    await answer(await plane(second.key, 'GET', `/tenants/${tenant.id}`))
  })

  test('ends at its time, with those of the tenants that were made with it', async () => {
    const short = await makeKey(here, 'ending', {}, 30)
    const { id, key } = await makeTenant(here, short.key)
    await answer(await plane(key, 'GET', `/tenants/${id}`))
    pass(30)
    for (const ended of [short.key, key]) expect((await plane(ended, 'GET', `/tenants/${id}`)).status).toBe(401)
  })

  test('a tenant’s key ends with its tenant', async () => {
    expect((await plane(tenant.key, 'DELETE', `/tenants/${tenant.id}`)).status).toBe(204)
    expect((await plane(tenant.key, 'GET', '/tenants')).status).toBe(401)
    expect([403, 404]).toContain(await readGroups(tenant.tokens.admin))
  })

  test('is there for as long as nothing of that happened', async () => {
    pass(59)
    await answer(await plane(tenant.key, 'GET', `/tenants/${tenant.id}`))
  })
})

describe('a token whose account is gone', () => {
  const load = async (json: object) => answer(await plane(tenant.key, 'PUT', `/tenants/${tenant.id}/dump`, json), 204)

  test.each<[string, (admin: string) => Promise<unknown>]>([
    ['by a document without it', () => load({ users: [{ userName: 'another' }] })],
    ['by a document with another account of the id', () => load({ robotAccounts: [{ id: 'vera', name: 'robot' }] })],
    ['by a document in which it administers nothing', () => load({ users: [{ id: 'vera', userName: 'vera' }] })],
    ['by an empty document', () => load({})],
    ['by deletion', (token) => here.call('DELETE', '/api/User/vera', { token })],
  ])('%s has no rights', async (_, remove) => {
    const token = await tokenOf('vera')
    expect(await readGroups(token)).toBe(200)
    await remove(tenant.tokens.admin)
    expect(await readGroups(token)).toBe(403)
    const json = { partitionGlobalId: tenant.id, settings: [{ key: 'k', value: 'v' }] }
    expect((await here.call('PUT', '/api/Setting', { token, json })).status).toBe(403)
  })

  test('has none in a fork, where the account is', async () => {
    const token = await tokenOf('vera')
    const fork = await answer<CreatedTenant>(await plane(team.key, 'POST', `/tenants/${tenant.id}/fork`, {}), 201)
    expect(await readGroups(token, fork.id)).toBe(403)
  })

  test('is not minted with a key for a user that there is not', async () => {
    await answer(await plane(tenant.key, 'POST', `/tenants/${tenant.id}/tokens`, { user: 'nobody' }), 400)
    const claims = { sub: 'nobody', sub_type: 'user' }
    await answer(await plane(tenant.key, 'POST', `/tenants/${tenant.id}/tokens`, { claims }), 403)
  })
})
