// Faults as clients see them: armed for a tenant, or asked for with the request.
import { afterEach, describe, expect, test, vi } from 'vitest'
import { isolate } from '../support/control.ts'
import { holdWaits } from '../support/held-waits.ts'
import { answer } from '../support/tenant.ts'

afterEach(() => {
  vi.useRealTimers()
})

async function tenant(mode: 'embedded' | 'deployed' = 'embedded') {
  const here = isolate(mode)
  const created = await here.create()
  const { id, tokens } = created
  return {
    ...here,
    ...created,
    arm: async (fault: object) =>
      answer<{ id: string }>(await here.control('POST', `/tenants/${id}/faults`, fault), 201),
    groups: (headers: Record<string, string> = {}) =>
      here.call('GET', `/api/Group/${id}`, { token: tokens.admin, headers }),
    write: (value: string) =>
      here.call('PUT', '/api/Setting', {
        token: tokens.admin,
        json: { partitionGlobalId: id, settings: [{ key: 'k', value }] },
      }),
  }
}

describe.each(['embedded', 'deployed'] as const)('%s', (mode) => {
  test('a status with a body and headers, for an operation alone', async () => {
    const { arm, groups, write } = await tenant(mode)
    await arm({ operation: 'Setting_UpdateSettings', status: 418, body: { short: true }, headers: { 'X-Pot': 'tea' } })
    await answer(await groups())
    const refused = await write('v')
    expect(refused.headers.get('X-Pot')).toBe('tea')
    expect(await answer(refused, 418)).toEqual({ short: true })
  })

  test('the next three of fifty at once fail, no more and no fewer', async () => {
    const { arm, groups } = await tenant(mode)
    await arm({ status: 503, times: 3 })
    const answers = await Promise.all(Array.from({ length: 50 }, () => groups()))
    expect(answers.filter(({ status }) => status === 503)).toHaveLength(3)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(47)
  })

  test('a write that is refused changes nothing', async () => {
    const { arm, write, control, id } = await tenant(mode)
    await answer(await write('before'))
    const fault = await arm({ method: 'PUT', status: 500 })
    await answer(await write('lost'), 500)
    expect((await control('DELETE', `/tenants/${id}/faults/${fault.id}`)).status).toBe(204)
    const { settings } = await answer<{ settings: unknown[] }>(await control('GET', `/tenants/${id}/dump`))
    // A default tenant has two of its first user.
    expect(settings.slice(2)).toMatchObject([{ value: 'before' }])
  })

  test('a dropped connection, a truncated body, JSON that is none', async () => {
    const { arm, groups } = await tenant(mode)
    const whole = await (await groups()).text()
    await arm({ kind: 'drop', times: 1 })
    await expect((await groups()).text()).rejects.toThrow()
    await arm({ kind: 'truncate', times: 1 })
    const cut = await groups()
    expect(cut.status).toBe(200)
    await expect(cut.text()).rejects.toThrow()
    await arm({ kind: 'malformed', times: 1 })
    const malformed = await (await groups()).text()
    expect(whole.startsWith(malformed)).toBe(true)
    expect(() => JSON.parse(malformed)).toThrow()
    expect(await (await groups()).text()).toBe(whole)
  })
})

test('another isolate finds out with its next request, which it starts again', async () => {
  const here = await tenant('deployed')
  const there = isolate('deployed')
  const { id, tokens } = here
  const json = { partitionGlobalId: id, settings: [{ key: 'k', value: 'v' }] }
  const write = () => there.call('PUT', '/api/Setting', { token: tokens.admin, json })
  await answer(await write())
  const { id: fault } = await here.arm({ status: 503 })
  await answer(await write(), 503)
  await here.control('DELETE', `/tenants/${id}/faults/${fault}`)
  await answer(await write())
  // It is refused before the database is asked anything.
  await here.arm({ status: 502 })
  const broken = await there.call('PUT', '/api/Setting', { token: tokens.admin, json: { settings: 'none' } })
  await answer(broken, 502)
})

test('what is armed for one tenant does not concern another', async () => {
  const one = await tenant()
  const other = await one.create()
  await one.arm({ status: 503 })
  await answer(await one.call('GET', `/api/Group/${other.id}`, { token: other.tokens.admin }))
})

test('latency, fixed and of a range', async () => {
  const { arm, groups } = await tenant()
  await arm({ delay: 120, times: 1 })
  await arm({ delay: { min: 50, max: 80 }, times: 1 })
  const waits = holdWaits()
  let answered = false
  const response = groups().finally(() => {
    answered = true
  })
  const fixed = await waits.next()
  expect(fixed.milliseconds).toBe(120)
  fixed.end()
  const ranged = await waits.next()
  expect(ranged.milliseconds).toSatisfy((asked: number) => asked >= 50 && asked <= 80)
  expect(answered).toBe(false)
  ranged.end()
  await answer(await response)
})

test('a seed decides which requests fail', async () => {
  const { arm, groups, control, id } = await tenant()
  const run = async () => {
    const { id: fault } = await arm({ status: 503, probability: 0.4, seed: 7 })
    const statuses: number[] = []
    for (let index = 0; index < 20; index++) statuses.push((await groups()).status)
    await control('DELETE', `/tenants/${id}/faults/${fault}`)
    return statuses
  }
  const first = await run()
  expect(await run()).toEqual(first)
  expect(new Set(first)).toEqual(new Set([200, 503]))
})

test('the real service’s limits, or others, with Retry-After', async () => {
  const { arm, groups, write } = await tenant()
  await arm({ kind: 'rateLimit' })
  for (let index = 0; index < 160; index++) await answer(await write('v'))
  const refused = await write('v')
  await answer(refused, 429)
  expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0)
  expect(Number(refused.headers.get('Retry-After'))).toBeLessThanOrEqual(300)
  await answer(await groups())
})

test('a fault ends by itself', async () => {
  const { arm, groups } = await tenant()
  await arm({ status: 503, ttl: 1 })
  await answer(await groups(), 503)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1000 })
  await answer(await groups())
})

describe('Prefer', () => {
  test('code and delay are heeded, and said to be', async () => {
    const { groups } = await tenant()
    const waits = holdWaits()
    const response = groups({ Prefer: 'code=503, delay=60' })
    const wait = await waits.next()
    expect(wait.milliseconds).toBe(60)
    wait.end()
    const refused = await response
    expect(refused.headers.get('Preference-Applied')).toBe('delay=60, code=503')
    expect(refused.headers.get('Retry-After')).toBe('60')
    await answer(refused, 503)
  })

  test.each(['code=99', 'code=600', 'delay=9999999', 'codex=503', 'code', ''])('%j is ignored', async (Prefer) => {
    const { groups } = await tenant()
    const response = await groups({ Prefer })
    expect(response.headers.get('Preference-Applied')).toBeNull()
    await answer(response)
  })

  test('is not for callers the tenant does not allow', async () => {
    const { call, control, id } = await tenant()
    const { token } = await answer<{ token: string }>(
      await control('POST', `/tenants/${id}/tokens`, { claims: { prefer: null } }),
      201,
    )
    const response = await call('GET', `/api/Group/${id}`, { token, headers: { Prefer: 'code=503' } })
    await answer(response)
  })

  test('may be withdrawn from a client and given to it', async () => {
    const { call, control, id, clients } = await tenant()
    const [client] = clients
    const status = async () => {
      const form = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: client?.id ?? '',
        client_secret: client?.secret ?? '',
      })
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
      const { access_token: token } = await answer<{ access_token: string }>(
        await call('POST', '/connect/token', { json: `${form}`, headers }),
      )
      return (await call('GET', `/api/Group/${id}`, { token, headers: { Prefer: 'code=503' } })).status
    }
    expect(await status()).toBe(503)
    await answer(await control('PUT', `/tenants/${id}/prefer`, { clients: [] }))
    expect(await status()).toBe(200)
    await answer(await control('PUT', `/tenants/${id}/prefer`, { clients: [client?.id] }))
    expect(await status()).toBe(503)
  })
})

test('nothing armed costs no round trip, in a deployment as well', async () => {
  const { call, id, tokens, takeTrips, clients } = await tenant('deployed')
  await call('GET', `/api/Group/${id}`, { token: tokens.admin })
  takeTrips()
  await answer(await call('GET', `/api/Group/${id}`, { token: tokens.admin }))
  expect(takeTrips()).toHaveLength(1)
  const json = { partitionGlobalId: id, settings: [{ key: 'k', value: 'v' }] }
  await answer(await call('PUT', '/api/Setting', { token: tokens.admin, json }))
  expect(takeTrips()).toHaveLength(1)
  const [{ id: client_id, secret: client_secret } = { id: '', secret: '' }] = clients
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret })
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
  await answer(await call('POST', '/connect/token', { json: `${form}`, headers }))
  expect(takeTrips()).toHaveLength(1)
})
