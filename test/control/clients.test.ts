// OAuth clients of a tenant under /_control/tenants/{tenant}/clients: listed, added, changed, given new secrets, removed.
import { describe, expect, test } from 'vitest'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'
import { isolate } from '../support/control.ts'
import { auditOnce, callsWith, makeKey, makeTenant } from '../support/keys.ts'
import { answer } from '../support/tenant.ts'

const here = isolate('deployed')
const { control, create, send } = here
const tenant = await create({ seed: { clients: [] } })
const clients = `/tenants/${tenant.id}/clients`
const at = (id: string, base = clients) => `${base}/${encodeURIComponent(id)}`

interface Client {
  id: string
  secret: string
  public: boolean
  scopes: string[]
  redirectUris: string[]
  grantTypes: string[]
}

const add = async (json: object = {}) => answer<Client>(await control('POST', clients, json), 201)
const listed = async () => (await answer<{ results: Client[] }>(await control('GET', clients))).results
const find = async (id: string) => (await listed()).find((client) => client.id === id)
const errors = async (response: Promise<Response>) =>
  (await answer<{ errors: Record<string, string[]> }>(await response, 400)).errors

async function statusOfToken(client_id: string, client_secret: string, scope?: string) {
  const fields = { grant_type: 'client_credentials', client_id, client_secret, ...(scope && { scope }) }
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const json = new URLSearchParams(fields).toString()
  return (await send('POST', '/identity_/connect/token', { json, headers })).status
}

const PUBLIC = { public: true, redirectUris: ['http://localhost:3000/callback'], scopes: ['openid', 'PM.User'] }

describe('201', () => {
  test('for one of which nothing is said: a random id and secret, which get a token with every scope', async () => {
    const { id, secret, ...client } = await add()
    expect(client).toMatchObject({ public: false, grantTypes: ['client_credentials'], hostAdmin: false, name: null })
    expect(await statusOfToken(id, secret, 'PM.Setting')).toBe(200)
    expect(await find(id)).toEqual({ id, ...client })
  })

  test('for a public one, which has no secret and needs PKCE', async () => {
    const id = `app-${crypto.randomUUID()} / 100%`
    const client = await add({ id, requirePkce: false, ...PUBLIC })
    expect(client).toMatchObject({ ...PUBLIC, id, secret: '', requirePkce: true })
    expect(client.grantTypes).toEqual(['authorization_code'])
    const { secret: _, ...kept } = client
    expect(await find(id)).toEqual(kept)
  })

  test('with a new secret: the old one gets no token any more', async () => {
    const { id, secret } = await add({ secret: 'a-secret-to-be-replaced' })
    const renewed = await answer<Client>(await control('POST', `${at(id)}/secret`), 201)
    expect(renewed).toEqual({ id, secret: expect.not.stringContaining(secret) })
    expect(await statusOfToken(id, secret)).toBe(400)
    expect(await statusOfToken(id, renewed.secret)).toBe(200)
  })
})

test('200 for a list by ids, in which no secret and no hash is', async () => {
  const { id, secret } = await add({ id: `0-${crypto.randomUUID()}` })
  const text = await (await control('GET', clients)).text()
  expect(text).toContain(id)
  expect(text).not.toMatch(/"secret|hash"/i)
  expect(text).not.toContain(secret)
  const ids = (await listed()).map((client) => client.id)
  expect(ids).toEqual(ids.toSorted())
})

describe('200 for a change', () => {
  test('of what is given, and of nothing else', async () => {
    const { id, secret } = await add({ name: 'One', scopes: ['PM.User'] })
    const before = await find(id)
    const changed = await answer(await control('PATCH', at(id), { scopes: ['PM.Setting'] }))
    expect(changed).toEqual({ ...before, scopes: ['PM.Setting'] })
    expect(await find(id)).toEqual(changed)
    expect(await statusOfToken(id, secret, 'PM.Setting')).toBe(200)
    expect(await statusOfToken(id, secret, 'PM.User')).toBe(400)
    expect(await answer(await control('PATCH', at(id), {}))).toEqual(changed)
  })

  test('of all there is to change', async () => {
    const { id } = await add({ name: 'One' })
    const all = { name: null, grantTypes: ['password'], redirectUris: ['https://a.example/b'], requirePkce: false }
    expect(await answer(await control('PATCH', at(id), all))).toMatchObject({ id, ...all })
  })

  test('of a public one, which keeps to PKCE', async () => {
    const { id } = await add(PUBLIC)
    const changed = await answer(await control('PATCH', at(id), { requirePkce: false, name: 'App' }))
    expect(changed).toMatchObject({ requirePkce: true, name: 'App', redirectUris: PUBLIC.redirectUris })
  })
})

test('204: one that is removed gets no token any more', async () => {
  const { id, secret } = await add()
  expect((await control('DELETE', at(id))).status).toBe(204)
  expect(await find(id)).toBeUndefined()
  expect(await statusOfToken(id, secret)).toBe(400)
})

describe('400', () => {
  test.each<[object, string, string]>([
    [{ scopes: ['PM.Usr'] }, 'scopes[0]', 'did you mean PM.User?'],
    [{ grantTypes: ['implicit'] }, 'grantTypes[0]', 'grant type'],
    [{ redirectUris: ['javascript:alert(1)'] }, 'redirectUris[0]', 'absolute'],
    [{ hostAdmin: true }, 'hostAdmin', 'not known'],
    [{ requirePKCE: false }, 'requirePKCE', 'requirePkce'],
  ])('for %j', async (json, field, text) => {
    const { id } = await add()
    const refused = { [field]: [expect.stringContaining(text)] }
    expect(await errors(control('POST', clients, json))).toEqual(refused)
    expect(await errors(control('PATCH', at(id), json))).toEqual(refused)
  })

  test('for a public client with a secret, or with a grant type that takes one', async () => {
    await errors(control('POST', clients, { public: true, secret: 'a-secret-of-mine' }))
    await errors(control('POST', clients, { public: true, grantTypes: ['client_credentials'] }))
    const { id } = await add(PUBLIC)
    const grantTypes = ['authorization_code', 'client_credentials']
    expect(await errors(control('PATCH', at(id), { grantTypes }))).toHaveProperty('grantTypes')
    expect((await find(id))?.grantTypes).toEqual(['authorization_code'])
  })

  test('for what cannot be changed', async () => {
    const { id } = await add()
    expect(Object.keys(await errors(control('PATCH', at(id), { id: 'x', secret: 'y', public: true })))).toEqual([
      ...['id', 'secret', 'public'],
    ])
  })
})

describe('404', () => {
  test.each<[string, string, object?]>([
    ['PATCH', ''],
    ['POST', '/secret'],
    ['DELETE', ''],
  ])('%s %s of a client that is another tenant’s, and stays as it was', async (method, below) => {
    const other = await create({})
    const [theirs] = other.clients
    const json = method === 'PATCH' ? { scopes: [], grantTypes: ['client_credentials'] } : undefined
    await answer(await control(method, `${at(theirs?.id ?? '')}${below}`, json), 404)
    expect(await statusOfToken(theirs?.id ?? '', theirs?.secret ?? '')).toBe(200)
  })
})

describe('409', () => {
  test('for an id that a client of any tenant has', async () => {
    const { id } = await add()
    await answer(await control('POST', clients, { id }), 409)
    const other = await create({})
    await answer(await control('POST', `/tenants/${other.id}/clients`, { id }), 409)
  })

  test('for a new secret of a public client', async () => {
    const { id } = await add(PUBLIC)
    await answer(await control('POST', `${at(id)}/secret`), 409)
  })
})

test('a tenant’s key is enough, what it registers is counted, and the audit names each act and no secret', async () => {
  const { key } = await makeKey(here, 'registering')
  const own = await makeTenant(here, key)
  const plane = callsWith(here, own.key)
  const rows = async () => (await answer<{ rows: number }>(await plane('GET', `/tenants/${own.id}/usage`))).rows
  const before = await rows()
  const { id, secret } = await answer<Client>(await plane('POST', `/tenants/${own.id}/clients`, {}), 201)

  expect(await rows()).toBeGreaterThan(before)
  const acts = await auditOnce(here, (found) => found.some(({ operation }) => operation === 'addClient'), key)
  expect(acts.find(({ operation }) => operation === 'addClient')).toMatchObject({ tenant: own.id, status: 201 })
  expect(JSON.stringify(acts)).not.toContain(secret)
  expect((await plane('DELETE', at(id, `/tenants/${own.id}/clients`))).status).toBe(204)
})

test('clients of the host partition are for the control token alone, and do not ask for faults', async () => {
  const host = `/tenants/${HOST_PARTITION}/clients`
  const own = await makeTenant(here, (await makeKey(here, 'no-host')).key)
  await answer(await callsWith(here, own.key)('GET', host), 404)
  const { id } = await answer<Client>(await control('POST', host, {}), 201)
  const allowed = await answer<{ clients: string[] }>(
    await control('PUT', `/tenants/${HOST_PARTITION}/prefer`, { clients: [] }),
  )
  expect(allowed.clients).toEqual([])
  expect((await control('DELETE', at(id, host))).status).toBe(204)
})
