// An embedded tenant's rows are removed some time after its end, in which nobody sees them.
import { env } from 'cloudflare:workers'
import { describe, expect, test, vi } from 'vitest'
import { type Isolate, isolate } from '../support/control.ts'
import { DOCUMENT, forkOf, put, settingOf, stateOf } from '../support/forks.ts'
import { answer } from '../support/tenant.ts'

// One for all tests but the last: isolates that have one database remove what the others have ended.
const here = isolate('embedded')

const TABLES = ['directory_entities', 'settings', 'snapshots', 'tenants']

/** The number of its rows in the database itself. */
async function rowsOf({ id }: { id: string }): Promise<number> {
  const counts = TABLES.map((table) =>
    env.DB.prepare(`select count(*) as n from ${table} where partition_id = ?`).bind(id),
  )
  const results = await env.DB.batch<{ n: number }>(counts)
  return results.reduce((sum, { results: [row] }) => sum + (row?.n ?? 0), 0)
}

async function end({ control }: Isolate, { id }: { id: string }) {
  expect((await control('DELETE', `/tenants/${id}`)).status).toBe(204)
}

const isGone = (tenant: { id: string }) => vi.waitFor(async () => expect(await rowsOf(tenant)).toBe(0), 10_000)

describe('rows of a tenant that has ended', () => {
  test('stay for its answer, and go by themselves', async () => {
    const tenant = await here.create({ seed: DOCUMENT })
    const before = await rowsOf(tenant)
    await end(here, tenant)
    expect(await rowsOf(tenant)).toBe(before)
    await isGone(tenant)
  })

  test('go before whatever would see them', async () => {
    const tenant = await here.create({ seed: DOCUMENT })
    await end(here, tenant)
    expect((await here.control('GET', `/tenants/${tenant.id}`)).status).toBe(404)
    expect(await rowsOf(tenant)).toBe(0)
  })

  test('stay while others are asked', async () => {
    const [ended, other] = [await here.create({ seed: DOCUMENT }), await here.create({ seed: DOCUMENT })]
    await end(here, ended)
    await answer(await put(here, other, 'changed'))
    expect(await settingOf(here, other)).toBe('changed')
    expect(await rowsOf(ended)).toBeGreaterThan(0)
  })

  test('do not keep its name and its clients', async () => {
    const seed = { clients: [{ id: 'a-client', secret: 'a-client-secret', scopes: ['PM.Group'] }] }
    for (let time = 0; time < 3; time++) {
      const tenant = await here.create({ name: 'again', seed })
      await end(here, tenant)
    }
  })

  test('are what its copies are made of', async () => {
    const source = await here.create({ seed: DOCUMENT })
    const state = await stateOf(here, source)
    const fork = await forkOf(here, source)
    await end(here, source)
    await isGone(source)
    expect(await stateOf(here, fork)).toEqual(state)
  })

  test('are never made, if it is a copy that nobody asked', async () => {
    const source = await here.create({ seed: DOCUMENT })
    const fork = await forkOf(here, source)
    await end(here, fork)
    await answer(await put(here, source, 'later'))
    expect(await rowsOf(fork)).toBe(1)
    await isGone(fork)
  })

  test('of several go together', async () => {
    const tenants = await Promise.all(Array.from({ length: 30 }, () => here.create()))
    await Promise.all(tenants.map((tenant) => end(here, tenant)))
    here.takeTrips()
    for (const tenant of tenants) await isGone(tenant)
    expect(here.takeTrips().length).toBeLessThanOrEqual(4)
  })
})

const ids = Array.from({ length: 1203 }, (_, n) => `user-${n}`)
const LARGE = {
  users: ids.map((id) => ({ id, userName: `Ü${id}` })),
  groups: [{ id: 'all', name: 'All', members: ids }],
  settings: ids.map((user) => ({ key: 'a', value: `of ${user}`, user })),
}

describe('of a large tenant', () => {
  test('they go in steps, between the requests of others', async () => {
    const [large, other] = [await here.create({ seed: LARGE }), await here.create()]
    await end(here, large)
    const order: string[] = []
    const noted = async (name: string, status: number, response: Promise<Response>) => {
      expect((await response).status).toBe(status)
      order.push(name)
    }
    here.takeTrips()
    await Promise.all([
      noted('it is asked for', 404, here.control('GET', `/tenants/${large.id}`)),
      noted('another tenant', 200, put(here, other, 'value')),
    ])
    expect(order).toEqual(['another tenant', 'it is asked for'])
    expect(here.takeTrips().length).toBeGreaterThan(5)
    expect(await rowsOf(large)).toBe(0)
  })
})

describe('after a run that was killed', () => {
  test('the next one removes them', async () => {
    const tenant = await here.create({ seed: DOCUMENT })
    await env.DB.prepare('update tenants set expires_at = 0 where partition_id = ?').bind(tenant.id).run()
    const next = isolate('embedded')
    expect((await next.send('GET', '/health')).status).toBe(200)
    await isGone(tenant)
  })

  test('the next one goes on with those of a large tenant', async () => {
    const large = await here.create({ seed: LARGE })
    await env.DB.batch([
      env.DB.prepare('update tenants set expires_at = 0 where partition_id = ?').bind(large.id),
      env.DB.prepare('delete from settings where partition_id = ? and id % 2 = 0').bind(large.id),
      env.DB.prepare('delete from snapshots where partition_id = ?').bind(large.id),
    ])
    const next = isolate('embedded')
    expect((await next.control('GET', `/tenants/${large.id}`)).status).toBe(404)
    expect(await rowsOf(large)).toBe(0)
  })
})
