// A restore is one step: whatever is killed while it runs, there is the state before or the state after.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { cleanUp, newPlace, processesOf, type ReadyTenant, startTenant, untilGone } from './command.ts'

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

it('survives kill -9 of everything at any moment of it', { timeout: 120_000 }, async () => {
  const place = await newPlace()
  let tenant = await startTenant(place)
  await ask(tenant, 'POST', '/tenants', { name: 'killed', seed: document('before', 3000) })
  await ask(tenant, 'PUT', '/tenants/killed/snapshots/kept')
  const kept = (await ask(tenant, 'GET', '/tenants/killed/dump')).text
  await ask(tenant, 'PUT', '/tenants/killed/dump', document('after', 2000))
  const changed = (await ask(tenant, 'GET', '/tenants/killed/dump')).text
  expect(changed).not.toBe(kept)
  const seen: string[] = []
  // Across the restore, which takes some tens of milliseconds, and the time beyond it.
  for (const delay of [0, 15, 40, 90, 400]) {
    const processes = await processesOf(tenant)
    const restore = ask(tenant, 'POST', '/tenants/killed/snapshots/kept/restore').catch(() => ({ status: 0 }))
    await sleep(delay)
    process.kill(-tenant.group, 'SIGKILL')
    const { status } = await restore
    await untilGone(processes, place)
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
