// A restore, and the making of a tenant, are one step to whoever sees them: whatever is killed meanwhile, there is the state before or
// the state after.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { cleanUp, newPlace, type Place, processesOf, type ReadyTenant, startTenant, untilGone } from './command.ts'

afterEach(cleanUp)

const headers = { authorization: 'Bearer local-control', 'content-type': 'application/json' }

const ask = async ({ url }: ReadyTenant, method: string, path: string, json?: unknown) => {
  const body = json === undefined ? {} : { body: JSON.stringify(json) }
  const response = await fetch(`${url}/_control${path}`, { method, headers, ...body })
  return { status: response.status, text: await response.text() }
}

const document = (name: string, count: number) => ({
  users: Array.from({ length: count }, (_, index) => ({ id: `${name}-${index}`, userName: `${name}-${index}` })),
  settings: Array.from({ length: count }, (_, index) => ({ key: `${name}.${index}`, value: 'v'.repeat(50) })),
  groups: [{ id: `${name}-group`, name, members: [`${name}-0`, `${name}-1`] }],
})

/** Kills everything so long after a call, or with 0 before it is out. Returns the status of its answer; 0 where there was none. */
async function killedAfter(delay: number, tenant: ReadyTenant, place: Place, ...call: [string, string, unknown?]) {
  const processes = await processesOf(tenant)
  const asked = ask(tenant, ...call).catch(() => ({ status: 0 }))
  if (delay > 0) await sleep(delay)
  process.kill(-tenant.group, 'SIGKILL')
  const { status } = await asked
  await untilGone(processes, place)
  return status
}

it('a restore survives kill -9 of everything at any moment of it', { timeout: 120_000 }, async () => {
  const place = await newPlace()
  let tenant = await startTenant(place)
  await ask(tenant, 'POST', '/tenants', { name: 'killed', seed: document('before', 1500) })
  await ask(tenant, 'PUT', '/tenants/killed/snapshots/kept')
  const kept = (await ask(tenant, 'GET', '/tenants/killed/dump')).text
  await ask(tenant, 'PUT', '/tenants/killed/dump', document('after', 1000))
  const changed = (await ask(tenant, 'GET', '/tenants/killed/dump')).text
  expect(changed).not.toBe(kept)
  const seen: string[] = []
  // Across the restore, which takes some tenths of a second, and the time beyond it.
  for (const delay of [0, 15, 60, 150, 1500]) {
    const status = await killedAfter(delay, tenant, place, 'POST', '/tenants/killed/snapshots/kept/restore')
    tenant = await startTenant(place)
    const now = (await ask(tenant, 'GET', '/tenants/killed/dump')).text
    expect([kept, changed]).toContain(now)
    if (status === 204) expect(now).toBe(kept)
    seen.push(now === kept ? 'after' : 'before')
    expect((await ask(tenant, 'POST', '/tenants/killed/reset')).status).toBe(204)
    expect((await ask(tenant, 'PUT', '/tenants/killed/dump', JSON.parse(changed))).status).toBe(204)
    expect((await ask(tenant, 'GET', '/tenants/killed/dump')).text).toBe(changed)
  }
  expect(seen).toContain('before')
})

it('a load takes place as a whole or not at all, whenever everything is killed', { timeout: 120_000 }, async () => {
  const place = await newPlace()
  let tenant = await startTenant(place)
  await ask(tenant, 'POST', '/tenants', { name: 'killed', seed: document('before', 1000) })
  const before = (await ask(tenant, 'GET', '/tenants/killed/dump')).text
  expect((await ask(tenant, 'PUT', '/tenants/killed/dump', document('after', 1500))).status).toBe(204)
  const after = JSON.parse((await ask(tenant, 'GET', '/tenants/killed/dump')).text)
  const seen: string[] = []
  for (const delay of [0, 100, 250, 450, 2500]) {
    expect((await ask(tenant, 'PUT', '/tenants/killed/dump', JSON.parse(before))).status).toBe(204)
    const status = await killedAfter(delay, tenant, place, 'PUT', '/tenants/killed/dump', after)
    tenant = await startTenant(place)
    const now = (await ask(tenant, 'GET', '/tenants/killed/dump')).text
    expect([before, JSON.stringify(after)]).toContain(now)
    if (status === 204) expect(now).not.toBe(before)
    seen.push(now === before ? 'before' : 'after')
    const { results } = JSON.parse((await ask(tenant, 'GET', '/tenants/killed/snapshots')).text)
    expect(results).toEqual([])
    const tenants = JSON.parse((await ask(tenant, 'GET', '/tenants?all=true')).text)
    expect(tenants.results.map((found: { name: string }) => found.name)).toEqual(['killed', 'hogwarts', 'host'])
  }
  expect(new Set(seen)).toEqual(new Set(['before', 'after']))
})

it('a tenant is there as a whole or not at all after kill -9 of everything', { timeout: 120_000 }, async () => {
  const place = await newPlace()
  let tenant = await startTenant(place)
  const seed = document('made', 1500)
  for (const delay of [60, 150, 250, 1500]) {
    const name = `made-${delay}`
    const status = await killedAfter(delay, tenant, place, 'POST', '/tenants', { name, seed })
    tenant = await startTenant(place)
    const { results } = JSON.parse((await ask(tenant, 'GET', '/tenants?all=true')).text)
    const names = results.map((found: { name: string }) => found.name)
    if (names.includes(name)) {
      const { text } = await ask(tenant, 'GET', `/tenants/${name}/dump`)
      expect(JSON.parse(text).users).toHaveLength(1500)
    } else {
      expect(status).toBe(0)
    }
    expect(names.filter((one: string) => /^[0-9a-f-]{36}$/.test(one))).toEqual([])
    expect((await ask(tenant, 'DELETE', `/tenants/${name}`)).status).toBe(names.includes(name) ? 204 : 404)
    expect((await ask(tenant, 'POST', '/tenants', { name })).status).toBe(201)
  }
})

it('a snapshot takes the place of another as a whole or not at all, whenever everything is killed', {
  timeout: 120_000,
}, async () => {
  const place = await newPlace()
  let tenant = await startTenant(place)
  const read = async (path: string) => JSON.parse((await ask(tenant, 'GET', `/tenants/killed${path}`)).text)
  const states: string[] = []
  for (const name of ['one', 'two']) {
    if (states.length === 0) await ask(tenant, 'POST', '/tenants', { name: 'killed', seed: document(name, 1500) })
    else await ask(tenant, 'PUT', '/tenants/killed/dump', document(name, 1500))
    expect((await ask(tenant, 'PUT', `/tenants/killed/snapshots/${name}`)).status).toBe(201)
    states.push(JSON.stringify(await read(`/snapshots/${name}`)))
  }
  const seen: string[] = []
  for (const delay of [0, 30, 60, 100, 1500]) {
    expect((await ask(tenant, 'POST', '/tenants/killed/snapshots/one/restore')).status).toBe(204)
    await ask(tenant, 'PUT', '/tenants/killed/snapshots/kept')
    expect(JSON.stringify(await read('/snapshots/kept'))).toBe(states[0])
    expect((await ask(tenant, 'POST', '/tenants/killed/snapshots/two/restore')).status).toBe(204)
    const status = await killedAfter(delay, tenant, place, 'PUT', '/tenants/killed/snapshots/kept')
    tenant = await startTenant(place)
    const now = JSON.stringify(await read('/snapshots/kept'))
    expect(states).toContain(now)
    if (status === 200) expect(now).toBe(states[1])
    seen.push(now === states[0] ? 'before' : 'after')
    const { results } = await read('/snapshots')
    expect(results.map((found: { name: string }) => found.name).toSorted()).toEqual(['kept', 'one', 'two'])
  }
  expect(new Set(seen)).toEqual(new Set(['before', 'after']))
})
