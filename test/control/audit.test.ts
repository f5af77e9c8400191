// The audit table: each call of the control plane has a row in it, acts in the transaction in which they take place.
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { removeExpired } from '../../src/serve.ts'
import { CONTROL_TOKEN, isolate } from '../support/control.ts'
import { FailingD1 } from '../support/failing-d1.ts'
import { auditOnce, callsWith, makeKey, makeTenant } from '../support/keys.ts'
import { answer } from '../support/tenant.ts'

const here = isolate('deployed')
const RAY = '8c2f0a1b2c3d4e5f-FRA'
const root = callsWith(here, CONTROL_TOKEN)

afterEach(() => {
  vi.useRealTimers()
})

/** The rows of a tenant in the order of the calls, once there are so many. */
const rowsOf = async (tenant: string, count: number) =>
  (await auditOnce(here, (rows) => rows.filter((row) => row.tenant === tenant).length >= count))
    .filter((row) => row.tenant === tenant)
    .toReversed()

test('who made, read, changed and removed a tenant stands there when it is gone', async () => {
  const team = await makeKey(here, 'auditors')
  const { id, name, key } = await makeTenant(here, team.key)
  const tenantKey =
    (await env.DB.prepare('select id from control_keys where partition_id = ?').bind(id).first('id')) ?? ''
  const headers = { 'CF-Ray': RAY }
  await here.send('GET', `/_control/tenants/${name}/dump`, { token: key, headers })
  await rowsOf(id, 2)
  await here.send('PUT', `/_control/tenants/${name}/clock`, { token: key, json: { now: 'soon' } })
  await rowsOf(id, 2)
  await here.send('POST', `/_control/tenants/${name}/tokens`, { token: CONTROL_TOKEN, json: {} })
  await here.send('DELETE', `/_control/tenants/${name}`, { token: team.key, headers })
  const row = (operation: string, status: number, by: string, ray: string | null = null) =>
    expect.objectContaining({ operation, status, key: by, ray, team: 'auditors', tenant: id, tenantName: name })
  expect(await rowsOf(id, 4)).toEqual([
    row('createTenant', 201, team.id),
    row('dumpTenant', 200, String(tenantKey), RAY),
    row('mintToken', 201, 'root'),
    row('deleteTenant', 204, team.id, RAY),
  ])
})

test('the making and the revocation of a key name it', async () => {
  const { id } = await makeKey(here, 'short-lived')
  await root('DELETE', `/keys/${id}`)
  const rows = await auditOnce(here, (found) => found.filter(({ subject }) => subject === id).length === 2)
  expect(rows.filter(({ subject }) => subject === id)).toMatchObject([
    { operation: 'revokeKey', status: 204, key: 'root', team: null },
    { operation: 'createKey', status: 201, key: 'root', team: null },
  ])
})

test('a refused call has a row with the status that it was refused with', async () => {
  const { id } = await here.create()
  expect((await root('DELETE', `/tenants/${id}/faults/none`)).status).toBe(404)
  expect((await root('PUT', `/tenants/${id}/snapshots/one`)).status).toBe(201)
  expect((await root('PUT', `/tenants/${id}/snapshots/one`)).status).toBe(200)
  const statuses = async () => (await rowsOf(id, 4)).map(({ operation, status }) => [operation, status])
  await expect.poll(statuses).toEqual([
    ['createTenant', 201],
    ['disarmFault', 404],
    ['takeSnapshot', 201],
    ['takeSnapshot', 200],
  ])
})

test('the removals of the Cron have rows, in the log of the team', async () => {
  const team = await makeKey(here, 'forgetful')
  const [first, second] = [await makeTenant(here, team.key, { ttl: 1 }), await makeTenant(here, team.key, { ttl: 1 })]
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1500 })
  await removeExpired(undefined, here.bindings, createExecutionContext())
  const rows = await auditOnce(here, (found) => found.length >= 4, team.key)
  const removed = rows.filter(({ operation }) => operation === 'removeExpired')
  expect(removed.map(({ tenant }) => tenant).toSorted()).toEqual([first.id, second.id].toSorted())
  expect(removed).toMatchObject([
    { key: 'cron', status: 204, number: 4 },
    { key: 'cron', status: 204, number: 3 },
  ])
})

describe('an act and its row', () => {
  const count = async () => (await env.DB.prepare('select count(*) as n from audit').first<number>('n')) ?? 0

  test('take place in one transaction: where the row cannot be written, nothing is done', async () => {
    const { id } = await here.create()
    await env.DB.exec("create trigger no_audit before insert on audit begin select raise(abort, 'no row'); end")
    try {
      expect((await root('DELETE', `/tenants/${id}`)).status).toBe(503)
      expect((await root('POST', '/tenants', { name: 'unaudited' })).status).toBe(503)
      expect((await root('PUT', `/tenants/${id}/snapshots/one`)).status).toBe(503)
      // Nothing is written for it; but the token must not be handed out.
      const minted = await root('POST', `/tenants/${id}/tokens`, {})
      expect(await answer(minted, 503)).not.toHaveProperty('token')
    } finally {
      await env.DB.exec('drop trigger no_audit')
    }
    await answer(await root('GET', `/tenants/${id}`))
    await answer(await root('GET', '/tenants/unaudited'), 404)
    expect(await answer(await root('GET', `/tenants/${id}/snapshots`))).toEqual({ results: [] })
  })

  test('are both not there where the batch failed', async () => {
    const failing = new FailingD1(env.DB)
    const broken = isolate('deployed')
    const bindings = { ...broken.bindings, DB: failing }
    const before = await count()
    failing.fail('middle')
    const request = new Request('http://tenant.example/_control/tenants', {
      method: 'POST',
      headers: { Authorization: `Bearer ${CONTROL_TOKEN}`, 'Content-Type': 'application/json' },
      body: '{"name":"half-made"}',
    })
    const worker = (await import('../../src/index.ts')).default
    expect((await worker.fetch(request, bindings, createExecutionContext())).status).toBe(503)
    await failing.recover()
    await answer(await root('GET', '/tenants/half-made'), 404)
    expect(await count()).toBeGreaterThanOrEqual(before)
    const { results } = await answer<{ results: { tenantName: string | null; status: number }[] }>(
      await root('GET', '/audit'),
    )
    expect(results.filter(({ tenantName }) => tenantName === 'half-made')).toEqual([])
  })

  test('cost no round trip more than the act', async () => {
    const { id } = await here.create()
    here.takeTrips()
    await root('DELETE', `/tenants/${id}`)
    expect(here.takeTrips()).toHaveLength(1)
  })
})

describe('the log', () => {
  test('of a team has pages, and none of what is another’s', async () => {
    const [mine, other] = [await makeKey(here, 'readers'), await makeKey(here, 'writers')]
    for (const key of [mine, other]) for (const _ of [1, 2, 3]) await makeTenant(here, key.key)
    const page = async (query: string) =>
      answer<{ results: { number: number; team: string }[]; next: number | null }>(
        await callsWith(here, mine.key)('GET', `/audit?${query}`),
      )
    const first = await page('limit=2')
    const newest = first.results[0]?.number ?? 0
    expect(first).toMatchObject({ next: newest - 1 })
    const second = await page(`limit=2&before=${first.next}`)
    expect(second.results.map(({ number }) => number)).toEqual([newest - 2, newest - 3].filter((number) => number > 0))
    const all = await page('limit=1000')
    expect(new Set(all.results.map(({ team }) => team))).toEqual(new Set(['readers']))
    expect(all.next).toBeNull()
  })

  test('keeps a bounded number of rows, and none after 90 days', async () => {
    const { key } = await makeKey(here, 'chatty')
    await makeTenant(here, key)
    await env.DB.prepare("update audit set number = 30000 where team = 'chatty' and number = 1").run()
    await env.DB.prepare(
      "insert into audit (team, number, at, method, status) values ('chatty', 9, 1, 'GET', 200)",
    ).run()
    const dice = vi.spyOn(Math, 'random').mockReturnValue(0)
    await makeTenant(here, key)
    dice.mockRestore()
    const numbers = async () =>
      (await env.DB.prepare("select number from audit where team = 'chatty' order by number").all()).results
    expect(await numbers()).toEqual([{ number: 30_000 }, { number: 30_001 }])
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 91 * 24 * 3600 * 1000 })
    await removeExpired(undefined, here.bindings, createExecutionContext())
    expect((await numbers()).filter(({ number }) => number === 30_000)).toEqual([])
  })

  test('has a bounded number of rows for calls without a key, in a log of their own', async () => {
    const fresh = isolate('deployed')
    await Promise.all(Array.from({ length: 100 }, () => callsWith(fresh, 'a-guess')('DELETE', '/tenants/magic-7')))
    const anonymous = async () =>
      await env.DB.prepare("select count(*) as n from audit where team = '?' and operation = 'deleteTenant'").first('n')
    await expect.poll(anonymous).toBe(60)
  })

  test('has nothing in it that was sent or answered', async () => {
    const seed = { settings: [{ key: 'A.Secret', value: 'hidden-value' }] }
    const made = await here.create({ name: 'with-secrets', seed })
    await callsWith(here, 'a-wrong-token')('GET', '/tenants/a-name-that-is-none')
    const rows = await auditOnce(here, (found) => found.some(({ tenant }) => tenant === made.id))
    const text = JSON.stringify(rows)
    const secrets = [CONTROL_TOKEN, made.key, made.tokens.admin, made.clients[0]?.secret ?? '', 'hidden-value']
    for (const secret of [...secrets, 'a-wrong-token', 'a-name-that-is-none']) expect(text).not.toContain(secret)
  })
})
