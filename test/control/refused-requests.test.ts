// Requests that fail before their partition is known are in the journal of the tenant that their address or token names.
import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { nearMiss } from '../../src/control/effects/near-miss.ts'
import { isolate } from '../support/control.ts'
import { answer } from '../support/tenant.ts'

interface Entry {
  method: string
  path: string
  query: Record<string, string[]>
  headers: Record<string, string>
  traceId: string | null
  operation: string | null
  status: number
  request: unknown
  near: string | null
}

async function tenant(mode: 'embedded' | 'deployed', journal = true) {
  const here = isolate(mode)
  const created = await here.create({ journal, tokens: ['admin', 'reader'] })
  const entries = async () => {
    const path = `/tenants/${created.id}/journal`
    return (await answer<{ results: Entry[] }>(await here.control('GET', path))).results
  }
  return { ...here, ...created, entries }
}

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': '80' }
const MODES = ['embedded', 'deployed'] as const

test.each(MODES)(
  '%s: by the address: without a token, at paths and methods not served, refused tokens',
  async (mode) => {
    const { send, name, entries, clients } = await tenant(mode)
    const secret = clients[0]?.secret
    const form = `grant_type=client_credentials&client_id=nobody&client_secret=hush-hush&scope=PM.User`
    await answer(await send('GET', `/${name}/identity_/api/Group/${name}`), 401)
    await answer(await send('PUT', `/${name}/identity_/api/Grup/1`, { json: { password: 'hush-hush' } }), 404)
    await answer(await send('PATCH', `/${name}/Default/identity_/api/Setting?key=A&key=B`, { json: {} }), 405)
    await answer(await send('POST', `/${name}/identity_/connect/token`, { json: form, headers: FORM }), 400)
    const all = await entries()

    expect(all.map(({ status, operation, near }) => [status, operation, near])).toEqual([
      [401, 'Group_GetGroups', null],
      [404, null, expect.stringMatching(/^PUT \/api\/Grup\/… is not served; \/api\/Group\/\{\w+\} is, with .*PUT/)],
      [405, null, expect.stringMatching(/^PATCH \/api\/Setting is not served; .*GET.* are$/)],
      [400, 'Connect_Token', null],
    ])
    expect(all[2]?.query).toEqual({ key: ['A', 'B'] })
    expect(all[3]?.request).toEqual({ grant_type: 'client_credentials', client_id: 'nobody', scope: 'PM.User' })
    expect(JSON.stringify(all)).not.toContain('hush-hush')
    expect(JSON.stringify(all)).not.toContain(secret)
  },
)

test.each(MODES)('%s: by the token: tampered with, expired, and valid at a path that is not served', async (mode) => {
  const { call, control, id, tokens, entries } = await tenant(mode)
  const mint = async (json: object) =>
    (await answer<{ token: string }>(await control('POST', `/tenants/${id}/tokens`, json), 201)).token
  const path = `/api/Group/${id}`
  await answer(await call('GET', path, { token: await mint({ broken: 'tampered' }) }), 401)
  await answer(await call('GET', path, { token: await mint({ broken: 'expired' }) }), 401)
  await answer(await call('GET', '/api/Grup', { token: tokens.admin }), 404)

  expect((await entries()).map(({ status }) => status)).toEqual([401, 401, 404])
  expect(JSON.stringify(await entries())).not.toContain('eyJ')
})

test.each(MODES)('%s: by the client, where neither token nor address say whose it is', async (mode) => {
  const { call, clients, entries } = await tenant(mode)
  const client_id = clients[0]?.id ?? ''
  const body = (more: Record<string, string>) => `${new URLSearchParams({ client_secret: 'hush-hush', ...more })}`
  const basic = { ...FORM, Authorization: `Basic ${btoa(`${client_id}:hush-hush`)}` }
  const grant_type = 'client_credentials'
  await answer(await call('POST', '/connect/token', { json: body({ grant_type, client_id }), headers: FORM }), 400)
  await answer(await call('POST', '/connect/token', { json: body({ grant_type }), headers: basic }), 400)
  await answer(await call('POST', '/connect/revocation', { json: body({ token: 'hush-hush' }), headers: basic }), 400)
  await answer(await call('POST', '/connect/token', { json: body({ client_id: 'nobody' }), headers: FORM }), 400)
  const all = await entries()

  expect(all.map(({ operation }) => operation)).toEqual(['Connect_Token', 'Connect_Token', 'Connect_Revocation'])
  expect(JSON.stringify(all)).not.toContain('hush-hush')
})

test('of a sign-in there is no code, and why a client was refused', async () => {
  const { send, name, entries } = await tenant('embedded')
  const below = `/${name}/identity_`
  await send(
    'GET',
    `${below}/connect/authorize?client_id=nobody&redirect_uri=https%3A%2F%2Fa.test%2F%3Fcode%3Dhush-hush`,
  )
  await send('GET', `${below}/api/Nowhere?code=hush-hush&user_code=hush-hush&device_code=hush-hush`)
  await send('GET', `${below}/api/Group/${name}`, { token: 'hush-hush' })
  const all = await entries()

  expect(all.map(({ near }) => near)).toEqual(['unauthorized_client', null, 'The token is malformed'])
  expect(JSON.stringify(all)).not.toContain('hush-hush')
})

test('headers that were chosen are kept, with the trace; none that may carry a secret can be chosen', async () => {
  const { call, control, id, tokens, entries } = await tenant('embedded')
  const path = `/tenants/${id}/journal`
  const recording = await answer(await control('PUT', path, { enabled: true, headers: ['X-Correlation-Id'] }))
  expect(recording).toEqual({ enabled: true, headers: ['x-correlation-id'] })
  for (const name of ['Authorization', 'cookie', 'Set-Cookie', 'X-Api-Key', 'a b']) {
    await answer(await control('PUT', path, { enabled: true, headers: [name] }), 400)
  }
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const headers = { 'X-Correlation-Id': '17', Cookie: 'a=b', traceparent: `00-${trace}-00f067aa0ba902b7-01` }
  await answer(await control('POST', `/tenants/${id}/reset`), 204)
  await answer(await call('GET', `/api/Group/${id}`, { token: tokens.admin, headers }))
  const [entry] = await entries()

  expect(entry).toMatchObject({ traceId: trace, headers: { 'x-correlation-id': '17' } })
  expect(Object.keys(entry?.headers ?? {})).not.toContain('authorization')
  expect(JSON.stringify(entry)).not.toContain('a=b')
})

test.each(['name', 'id'] as const)(
  'a tenant that an isolate has not heard of costs one round trip, by its %s',
  async (by) => {
    const { control, ...made } = await tenant('deployed')
    await answer(await control('POST', `/tenants/${made.id}/faults`, { status: 503, times: 1 }), 201)
    const other = isolate('deployed')
    other.takeTrips()
    await answer(await other.send('GET', `/${made[by]}/identity_/api/Grup`), 404)

    expect(other.takeTrips(), 'to find it, and to write the entry').toHaveLength(2)
    expect(await made.entries()).toMatchObject([{ status: 404 }])
    expect(await answer(await control('GET', `/tenants/${made.id}/faults`))).toMatchObject({ results: [{ hits: 0 }] })
  },
)

describe('without a journal', () => {
  test.each(MODES)('%s: a refusal costs no round trip once the tenant is known', async (mode) => {
    const { send, call, name, id, tokens, takeTrips } = await tenant(mode, false)
    await answer(await call('GET', `/api/Group/${id}`, { token: tokens.admin }))
    await answer(await send('GET', `/${name}/identity_/api/Grup`), 404)
    takeTrips()
    await answer(await send('GET', `/${name}/identity_/api/Grup`), 404)
    await answer(await call('GET', '/api/Grup', { token: tokens.admin }), 404)
    await answer(await call('GET', '/api/Grup'), 404)

    expect(takeTrips()).toEqual([])
    expect((await env.DB.prepare('select 1 from journal where partition_id = ?').bind(id).all()).results).toEqual([])
  })

  test('nor does one without a control plane', async () => {
    const { bindings, takeTrips } = isolate('deployed')
    const { send } = isolate('deployed', { ...bindings, CONTROL_TOKEN: '' })
    takeTrips()
    await answer(await send('GET', '/hogwarts/identity_/api/Grup'), 404)

    expect(takeTrips()).toEqual([])
  })
})

test.each([
  ['GET', '/identity_/api/Setings', 'GET /api/Setings is not served; /api/Setting is, with '],
  ['PATCH', '/identity_/api/Group/a/b', 'PATCH /api/Group/{partitionGlobalId}/{groupId} is not served; '],
  ['GET', '/acme/api/Setting', 'GET /acme/api/Setting is not served; the API is below /identity_, as /identity_/api/S'],
  ['PUT', '/identity_/api/Grup/a', 'PUT /api/Grup/… is not served; /api/Group/{groupId} is, with '],
])('the near miss of %s %s', (method, path, said) => {
  expect(nearMiss(method, path)?.slice(0, said.length)).toBe(said)
})

test('of a path that is near to none, nothing is said', () => {
  expect(nearMiss('GET', '/identity_/api/Unheard/Of')).toBeNull()
})
