// Tenants on demand: made at once, apart from one another, gone when their time is over.
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, expect, test, vi } from 'vitest'
import { GRANTABLE_SCOPES } from '../../src/auth/scopes.ts'
import { CONTROL_TOKEN, isolate } from '../support/control.ts'
import { holdWaits } from '../support/held-waits.ts'
import { answer, ORIGIN, requestTo } from '../support/tenant.ts'

afterEach(() => {
  vi.useRealTimers()
})

const rowsOf = async (partition: string) => {
  const tables = ['settings', 'groups', 'directory_entities', 'directory_counts', 'former_users', 'clients', 'tenants']
  const control = ['journal', 'faults', 'tenant_controls', 'snapshots']
  const counts = [...tables, ...control].map((table) =>
    env.DB.prepare(`select count(*) as n from ${table} where partition_id = ?`).bind(partition),
  )
  const all = [...counts, env.DB.prepare('select count(*) as n from partitions where id = ?').bind(partition)]
  const results = await env.DB.batch<{ n: number }>(all)
  return results.reduce((sum, { results: [row] }) => sum + (row?.n ?? 0), 0)
}

test('a tenant comes with users, clients and tokens that work, in one round trip', async () => {
  const { create, call, takeTrips } = isolate('deployed')
  await create()
  takeTrips()
  const tenant = await create({ name: 'ready-made' })
  expect(takeTrips()).toHaveLength(1)
  expect(tenant).toMatchObject({ name: 'ready-made', url: `${ORIGIN}/ready-made`, expiresAt: null })
  expect(tenant.users.map(({ userName }) => userName)).toEqual(['ada', 'ben', 'uma'])
  expect(tenant.clients.map(({ scopes }) => scopes.length)).toEqual([GRANTABLE_SCOPES.length, 35])
  for (const { id, secret } of tenant.clients) {
    const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret })
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const granted = await answer<{ access_token: string }>(
      await call('POST', '/connect/token', { json: `${form}`, headers }),
    )
    await answer(await call('GET', `/api/Group/${tenant.id}`, { token: granted.access_token }))
  }
  const { members } = await answer<{ members: unknown[] }>(
    await call('GET', `/api/Group/${tenant.id}/35551807-06b1-4cda-90a1-2fb84851eee7`, { token: tenant.tokens.reader }),
  )
  expect(members).toHaveLength(2)
})

test.each(['embedded', 'deployed'] as const)(
  '%s: a journal takes no other round trip, and has the first request',
  async (mode) => {
    const { create, call, control, takeTrips, fetch } = isolate(mode)
    // What an isolate does once, it does with its first request.
    const context = createExecutionContext()
    const first = requestTo(`${ORIGIN}/_control/tenants`, 'POST', { token: CONTROL_TOKEN, json: {} })
    await fetch(first, context)
    await waitOnExecutionContext(context)
    takeTrips()
    const { id, tokens } = await create({ journal: true })
    expect(takeTrips()).toHaveLength(1)
    await answer(await call('GET', `/api/Group/${id}`, { token: tokens.reader }))
    const { count } = await answer<{ count: number }>(await control('GET', `/tenants/${id}/journal`))
    expect(count).toBe(1)
  },
)

test('a seed that gives a built-in group members leaves it among the built-in ones', async () => {
  const { create, call } = isolate('embedded')
  const groups = [{ name: 'Drivers' }, { name: 'Automation Users' }, { name: 'Administrators', members: ['pat'] }]
  const { id, tokens } = await create({ seed: { users: [{ userName: 'pat' }], groups } })
  const listed = await answer<{ name: string }[]>(await call('GET', `/api/Group/${id}`, { token: tokens.reader }))
  expect(listed.map(({ name }) => name)).toEqual([
    'Everyone',
    'Administrators',
    'Automation Developers',
    'Automation Users',
    'Citizen Developers',
    'Drivers',
  ])
})

test('a seed says what is in it, and which clients', async () => {
  const { create, call, control } = isolate('embedded')
  const seed = {
    $schema: 'https://example.com/schema',
    users: [{ userName: 'pat', name: 'Pat', surname: 'Pending' }],
    robotAccounts: [{ name: 'robbie' }],
    groups: [{ name: 'Drivers', members: ['pat', 'robbie'] }],
    settings: [
      { key: 'Colour', value: 'red' },
      { key: 'Colour', value: 'blue', user: 'pat' },
    ],
    clients: [{ id: 'a-client-of-seeds', secret: 'a-secret-of-seeds', scopes: ['PM.Setting.Read'] }],
  }
  const tenant = await create({ seed })
  expect(tenant.clients).toEqual([{ ...seed.clients[0], hostAdmin: false }])
  const read = await call('GET', `/api/Setting?partitionGlobalId=${tenant.id}&key=Colour`, {
    token: tenant.tokens.reader,
  })
  expect(await answer(read)).toMatchObject([{ key: 'Colour', value: 'red', userId: null }])
  const again = await control('POST', '/tenants', { seed })
  expect(await answer(again, 409)).toMatchObject({ detail: expect.stringContaining('client') })
})

test('a name is given once', async () => {
  const { create, control } = isolate('deployed')
  await create({ name: 'taken' })
  await answer(await control('POST', '/tenants', { name: 'Taken' }), 409)
})

test('those that are there are listed and looked up by id and name', async () => {
  const { create, control } = isolate('deployed')
  const { id, name } = await create({ ttl: 60 })
  const { results } = await answer<{ results: { id: string }[] }>(await control('GET', '/tenants'))
  expect(results.map((tenant) => tenant.id)).toContain(id)
  for (const key of [id, name, id.toUpperCase()]) {
    expect(await answer(await control('GET', `/tenants/${key}`))).toMatchObject({ id, name })
  }
})

test.each(['embedded', 'deployed'] as const)('%s: many at once never meet, and nothing of them stays', async (mode) => {
  const { create, call, control } = isolate(mode)
  const tenants = await Promise.all(Array.from({ length: 25 }, () => create()))
  await Promise.all(
    tenants.flatMap(({ id, tokens: { admin: token } }) =>
      Array.from({ length: 4 }, async (_, index) => {
        const settings = [{ key: `Own.${index}`, value: id }]
        await answer(await call('PUT', '/api/Setting', { token, json: { partitionGlobalId: id, settings } }))
      }),
    ),
  )
  for (const [index, { id, tokens }] of tenants.entries()) {
    const keys = [0, 1, 2, 3].map((key) => `key=Own.${key}`).join('&')
    const own = await call('GET', `/api/Setting?partitionGlobalId=${id}&${keys}`, { token: tokens.admin })
    expect((await answer<{ value: string }[]>(own)).map(({ value }) => value)).toEqual([id, id, id, id])
    const next = tenants[(index + 1) % tenants.length]?.id
    await answer(await call('GET', `/api/Setting?partitionGlobalId=${next}&${keys}`, { token: tokens.admin }), 403)
  }
  await Promise.all(tenants.map(async ({ id }) => expect((await control('DELETE', `/tenants/${id}`)).status).toBe(204)))
  // An embedded Worker removes the rows a moment later.
  for (const { id } of tenants) await vi.waitFor(async () => expect(await rowsOf(id)).toBe(0), 5000)
})

test('one whose time is over is not found any more, and removed', async () => {
  const { create, control } = isolate('deployed')
  const { id } = await create({ ttl: 1, journal: true })
  await answer(await control('GET', `/tenants/${id}`))
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1000 })
  await answer(await control('GET', `/tenants/${id}`), 404)
  expect((await control('POST', '/expired')).status).toBe(204)
  expect(await rowsOf(id)).toBe(0)
})

test('a fork tells whose users it has, and needs no body', async () => {
  const { create, send } = isolate('embedded')
  const { id, users } = await create()
  const fork = await send('POST', `/_control/tenants/${id}/fork`, { token: CONTROL_TOKEN })
  const made = await answer(fork, 201)
  expect(made).toMatchObject({ users })
  // A signature takes as long as the tenant's rows: none is made unless it was asked for.
  expect(made).not.toHaveProperty('tokens')
})

test('embedded, nobody has to call for that', async () => {
  const { create } = isolate('embedded')
  const waits = holdWaits()
  const { id } = await create({ ttl: 1 })
  const sweep = await waits.next()
  expect(await rowsOf(id)).toBeGreaterThan(0)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1000 })
  sweep.end()
  await expect.poll(() => rowsOf(id), { timeout: 20_000 }).toBe(0)
})
