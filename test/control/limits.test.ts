// What a team's key may hold, and what is counted of it.
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { type CreatedTenant, isolate } from '../support/control.ts'
import { callsWith, type Limits, makeKey, makeTenant } from '../support/keys.ts'
import { answer } from '../support/tenant.ts'

let teams = 0

/** A team of its own, in a deployment or in a local run. */
async function team(mode: 'deployed' | 'embedded', limits: Limits) {
  const here = isolate(mode)
  const { key, id } = await makeKey(here, `limited-${teams++}`, limits)
  return { here, id, key, plane: callsWith(here, key) }
}

const settings = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: 'v' }))

describe.each(['deployed', 'embedded'] as const)('%s', (mode) => {
  let with3: Awaited<ReturnType<typeof team>>
  let tenant: CreatedTenant
  const put = (count: number, { id, tokens } = tenant) =>
    with3.here.call('PUT', '/api/Setting', {
      token: tokens.admin,
      json: { partitionGlobalId: id, settings: settings(count) },
    })
  const usage = async (name = tenant.name) =>
    answer<{ rows: number; requests: number }>(await with3.plane('GET', `/tenants/${name}/usage`))

  beforeEach(async () => {
    with3 = await team(mode, { tenants: 3, rows: 400, rowsAtOnce: 200, ttl: 60 })
    tenant = await makeTenant(with3.here, with3.key)
  })

  test('a key holds so many tenants at a time, forks and those that are removed in the end included', async () => {
    await makeTenant(with3.here, with3.key)
    await answer(await with3.plane('POST', `/tenants/${tenant.id}/fork`, {}), 201)
    const refused = await answer(await with3.plane('POST', `/tenants/${tenant.id}/fork`, {}), 403)
    expect(refused).toMatchObject({ title: 'Forbidden', detail: expect.stringContaining('as many tenants') })
    await answer(await with3.plane('POST', '/tenants', {}), 403)
    expect((await with3.plane('DELETE', `/tenants/${tenant.id}`)).status).toBe(204)
    await answer(await with3.plane('POST', '/tenants', { ttl: 1 }), 201)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1000 })
    await answer(await with3.plane('POST', '/tenants', {}), 201)
    vi.useRealTimers()
  })

  test('of many at once so many are made', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => with3.plane('POST', '/tenants', {})))
    expect(made.map(({ status }) => status).filter((status) => status === 201)).toHaveLength(2)
  })

  test('a tenant lives as long as the key allows, and no longer', async () => {
    const left = Date.parse(tenant.expiresAt ?? '') - Date.parse(tenant.createdAt)
    expect(left).toBe(60_000)
    const refused = await answer(await with3.plane('POST', '/tenants', { ttl: 61 }), 400)
    expect(refused).toMatchObject({ errors: { ttl: ['ttl is 60 seconds at most with this key.'] } })
    await answer(await with3.plane('POST', `/tenants/${tenant.id}/fork`, { ttl: 61 }), 400)
  })

  test('a request that would write too many rows is refused whole', async () => {
    expect(await answer(await put(201), 403)).toEqual({
      errorMessage: 'The request would write more rows than one request may.',
    })
    const seed = { settings: settings(201) }
    const refused = await answer(await with3.plane('POST', '/tenants', { name: `big-${mode}`, seed }), 403)
    expect(refused).toMatchObject({ detail: 'The request would write more rows than one request may.' })
    await answer(await with3.plane('GET', `/tenants/big-${mode}`), 404)
    await answer(await with3.plane('PUT', `/tenants/${tenant.id}/dump`, seed), 403)
    const dump = await answer<{ settings: unknown[] }>(await with3.plane('GET', `/tenants/${tenant.id}/dump`))
    expect(dump.settings).toHaveLength(2)
  })

  test('a tenant holds so many rows; a reset gives back those that were written', async () => {
    const { rows } = await usage()
    await answer(await put(150))
    expect((await usage()).rows).toBe(rows + 150)
    await answer(await put(150))
    expect(await answer(await put(150), 403)).toMatchObject({ errorMessage: expect.stringContaining('more rows') })
    expect((await usage()).rows).toBe(rows + 300)
    expect((await with3.plane('POST', `/tenants/${tenant.id}/reset`)).status).toBe(204)
    expect((await usage()).rows).toBeLessThanOrEqual(rows)
    await answer(await put(150))
  })

  test('requests are counted, those that are refused too', async () => {
    const before = (await usage()).requests
    const read = () =>
      with3.here.call('GET', `/api/Setting?partitionGlobalId=${tenant.id}&key=k`, { token: tenant.tokens.admin })
    for (const _ of [1, 2, 3]) await answer(await read())
    await answer(await put(1))
    await answer(await put(201), 403)
    expect((await usage()).requests).toBe(before + 5)
  })

  test('what a key holds is listed with it', async () => {
    await makeTenant(with3.here, with3.key)
    const { results } = await answer<{ results: { id: string; usage: { tenants: number; rows: number } }[] }>(
      await with3.plane('GET', '/keys'),
    )
    const rows = (await usage()).rows
    expect(results).toMatchObject([{ id: with3.id, limits: { tenants: 3 }, usage: { tenants: 2 } }])
    expect(results[0]?.usage.rows).toBeGreaterThan(rows)
  })

  test('nothing is counted of a tenant that was made with the control token', async () => {
    const { id } = await with3.here.create()
    expect(await answer(await with3.here.control('GET', `/tenants/${id}/usage`))).toEqual({
      rows: null,
      requests: null,
      limits: null,
    })
  })
})

test('counting costs no round trip, and rows that do not grow with what is stored', async () => {
  const { here, key } = await team('deployed', { rows: 1_000_000, rowsAtOnce: 100_000 })
  const tenant = await makeTenant(here, key)
  const put = async (count: number) => {
    here.takeTrips()
    const json = { partitionGlobalId: tenant.id, settings: settings(count) }
    await answer(await here.call('PUT', '/api/Setting', { token: tenant.tokens.admin, json }))
    return here.takeTrips()
  }
  await put(1)
  const [few, ...none] = await put(1)
  expect(none).toEqual([])
  await put(900)
  const [many] = await put(1)
  expect(many?.rowsRead).toBeLessThanOrEqual((few?.rowsRead ?? 0) + 4)
  expect(few?.rowsWritten).toBeLessThan(10)
})
