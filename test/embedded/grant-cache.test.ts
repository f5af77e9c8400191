// An embedded tenant remembers what a client's token request was granted: never what would be granted otherwise by now.
import { createExecutionContext } from 'cloudflare:test'
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { keyRing } from '../../src/auth/keys.ts'
import { type CreatedTenant, type Isolate, isolate } from '../support/control.ts'
import { settled } from '../support/settle.ts'
import { answer, ORIGIN } from '../support/tenant.ts'

interface Token {
  access_token: string
  scope: string
}

const FORM = 'application/x-www-form-urlencoded'

let here: Isolate
let tenant: CreatedTenant
let client: { id: string; secret: string }

const use = async (created: Promise<CreatedTenant>) => {
  tenant = await created
  client = tenant.clients[0] ?? { id: '', secret: '' }
}
beforeEach(async () => {
  here = isolate('embedded')
  await use(here.create())
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const formOf = (fields: Record<string, string> = {}) =>
  new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: client.id,
    client_secret: client.secret,
    ...fields,
  }).toString()

const ask = (form = formOf(), headers: Record<string, string> = {}) =>
  here.call('POST', '/connect/token', {
    json: form,
    headers: { 'Content-Type': FORM, 'Content-Length': String(form.length), ...headers },
  })

const granted = async (response: Response | Promise<Response>) => answer<Token>(await response)

const settle = (form?: string) => settled(() => ask(form))

test('the same status, headers and claims, and a token of its own each time', async () => {
  const first = await ask()
  const again = await settle()
  expect(again.status).toBe(200)
  expect([...again.headers]).toEqual([...first.headers])
  const [{ access_token: one, ...rest }, { access_token: other, ...more }] = [
    await granted(first),
    await granted(again),
  ]
  expect(more).toEqual(rest)
  expect(decodeProtectedHeader(other)).toEqual(decodeProtectedHeader(one))
  const [{ jti, ...claims }, { jti: otherJti, ...otherClaims }] = [decodeJwt(one), decodeJwt(other)]
  expect(otherJti).not.toBe(jti)
  const times = { iat: expect.any(Number), nbf: expect.any(Number), exp: expect.any(Number) }
  expect(otherClaims).toEqual({ ...claims, ...times })
  await jwtVerify(other, (await keyRing(here.bindings)).verificationKey)
})

test('it is issued at the time of its own request', async () => {
  await settle()
  vi.useFakeTimers({ now: Date.now() + 600_000, toFake: ['Date'] })
  const { access_token: token } = await granted(ask())
  const now = Math.floor(Date.now() / 1000)
  expect(decodeJwt(token)).toMatchObject({ iat: now, nbf: now, exp: now + 3600 })
})

describe('what was changed counts at once', () => {
  const clients = () => `/tenants/${tenant.id}/clients/${client.id}`

  test('a new secret, scopes that were taken away, a client and a tenant that were removed', async () => {
    await settle()
    await answer(await here.control('PATCH', clients(), { scopes: ['PM.Group'] }))
    expect((await granted(await settle())).scope).toBe('PM.Group')
    const { secret } = await answer<{ secret: string }>(await here.control('POST', `${clients()}/secret`), 201)
    expect((await ask()).status).toBe(400)
    await settle(formOf({ client_secret: secret }))
    await here.control('DELETE', clients())
    expect((await ask(formOf({ client_secret: secret }))).status).toBe(400)

    await use(here.create())
    await settle()
    await here.control('DELETE', `/tenants/${tenant.id}`)
    expect((await ask()).status).toBe(400)
  })

  test('the end of the time of a tenant', async () => {
    await use(here.create({ ttl: 60 }))
    await settle()
    vi.useFakeTimers({ now: Date.now() + 61_000, toFake: ['Date'] })
    expect((await ask()).status).toBe(400)
  })

  test('a fault, and its end', async () => {
    await settle()
    const faults = `/tenants/${tenant.id}/faults`
    const { id } = await answer<{ id: string }>(await here.control('POST', faults, { status: 503, times: 2 }), 201)
    for (const status of [503, 503, 200]) expect((await ask()).status).toBe(status)
    await here.control('DELETE', `${faults}/${id}`)
    await settle()
  })

  test('the clock of the tenant', async () => {
    await settle()
    await answer(await here.control('POST', `/tenants/${tenant.id}/clock/advance`, { milliseconds: 48 * 3600_000 }))
    for (let time = 0; time < 3; time++) {
      const { iat = 0 } = decodeJwt((await granted(ask())).access_token)
      expect(iat).toBeGreaterThan(Date.now() / 1000 + 47 * 3600)
    }
  })

  test('a journal that is switched on', async () => {
    await settle()
    await here.control('PUT', `/tenants/${tenant.id}/journal`, { enabled: true })
    for (let time = 0; time < 3; time++) await granted(ask())
    const told = await here.control('GET', `/tenants/${tenant.id}/journal/count?operation=Connect_Token`)
    expect(await answer(told)).toEqual({ count: 3 })
  })
})

describe('another request is looked at anew', () => {
  test('a wrong secret, a scope that is not the client’s, another grant type', async () => {
    await settle()
    for (const wrong of [{ client_secret: 'wrong' }, { scope: 'none' }, { grant_type: 'password' }]) {
      for (let time = 0; time < 3; time++) expect((await ask(formOf(wrong))).status).toBe(400)
    }
    expect((await granted(await settle(formOf({ scope: 'PM.Group' })))).scope).toBe('PM.Group')
  })

  test('by HTTP Basic, with and without the right secret', async () => {
    const form = new URLSearchParams({ grant_type: 'client_credentials' }).toString()
    const basic = (secret: string) => ({ Authorization: `Basic ${btoa(`${client.id}:${secret}`)}` })
    for (let time = 0; time < 3; time++) await granted(ask(form, basic(client.secret)))
    expect((await ask(form, basic('wrong'))).status).toBe(400)
    expect((await ask(form)).status).toBe(400)
  })

  test.each([
    ['Prefer', 'timing', 'Server-Timing', /total/],
    ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'traceparent', /^00-0af7651916cd43dd/],
    ['Origin', 'http://page.example', 'Access-Control-Allow-Origin', /^\*$/],
  ])('who sends %s is heard', async (name, given, answered, what) => {
    await settle()
    expect((await ask(undefined, { [name]: given })).headers.get(answered)).toMatch(what)
    expect((await settle()).headers.get(answered)).toBeNull()
  })

  test('bytes that are no text, and a body that is no form', async () => {
    await settle()
    const bytes = Uint8Array.from([...new TextEncoder().encode(`${formOf()}&scope=`), 0xff])
    const headers = { 'Content-Type': FORM, 'Content-Length': String(bytes.length) }
    const request = new Request(`${ORIGIN}/identity_/connect/token`, { method: 'POST', body: bytes, headers })
    expect((await here.fetch(request, createExecutionContext())).status).toBe(400)
    expect((await ask(undefined, { 'Content-Type': 'application/json' })).status).toBe(400)
  })
})

test('a grant that was found while its client changed is not remembered', async () => {
  await settle()
  const clients = `/tenants/${tenant.id}/clients/${client.id}`
  await Promise.all([ask(), here.control('PATCH', clients, { scopes: ['PM.Setting'] }), ask()])
  expect((await granted(ask())).scope).toBe('PM.Setting')
  expect((await granted(await settle())).scope).toBe('PM.Setting')
})
