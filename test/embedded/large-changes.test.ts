// A tenant of a large document, a restore and a snapshot are made in steps, between the requests of others. Nobody sees a part of
// them, whenever the process is killed.
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type CreatedTenant, type Isolate, isolate } from '../support/control.ts'
import { CutOffD1 } from '../support/cut-off-d1.ts'
import { forkOf, LARGE, LARGE_USERS, put, settingOf, stateOf } from '../support/forks.ts'
import { answer } from '../support/tenant.ts'

let d1: CutOffD1
let here: Isolate

beforeEach(() => {
  d1 = new CutOffD1(env.DB)
  here = isolate('embedded', { DB: d1 })
})

// Tests that compare states read the whole database.
afterEach(async () => {
  await env.DB.prepare('delete from partitions where id in (select partition_id from tenants)').run()
})

const TABLES = ['directory_entities', 'groups', 'settings', 'snapshots', 'tenants']

async function rowsOf(partition: string): Promise<number> {
  const counts = TABLES.map((table) =>
    env.DB.prepare(`select count(*) as n from ${table} where partition_id = ?`).bind(partition),
  )
  const results = await env.DB.batch<{ n: number }>(counts)
  return results.reduce((sum, { results: [row] }) => sum + (row?.n ?? 0), 0)
}

async function done(response: Promise<Response>, status = 204) {
  expect((await response).status).toBe(status)
}

const reset = ({ control }: Isolate, { id }: { id: string }) => control('POST', `/tenants/${id}/reset`)
const take = ({ control }: Isolate, { id }: { id: string }, name = 'kept') =>
  control('PUT', `/tenants/${id}/snapshots/${name}`)
const restore = ({ control }: Isolate, { id }: { id: string }, name = 'kept') =>
  control('POST', `/tenants/${id}/snapshots/${name}/restore`)
const load = ({ control }: Isolate, { id }: { id: string }, document: unknown) =>
  control('PUT', `/tenants/${id}/dump`, document)
const remove = ({ call }: Isolate, { tokens }: CreatedTenant, user: string) =>
  call('DELETE', `/api/User/${user}`, { token: tokens.admin })
const usersOf = async ({ call }: Isolate, { id, tokens }: CreatedTenant) =>
  (await answer<{ totalCount: number }>(await call('GET', `/api/User/users/${id}`, { token: tokens.admin }))).totalCount

/** What a test sees of the snapshots of a tenant. */
async function snapshotsOf({ control }: Isolate, { id }: { id: string }) {
  const { results } = await answer<{ results: { name: string; entries: number }[] }>(
    await control('GET', `/tenants/${id}/snapshots`),
  )
  return results.map(({ name, entries }) => ({ name, entries }))
}

/** Runs `act` with the process killed after so many of its transactions. Returns the isolate of the next run. */
async function killedAfter(transactions: number, act: () => Promise<Response>): Promise<Isolate> {
  d1.cutAfter(transactions)
  await act()
  return isolate('embedded')
}

describe('a tenant of a large document', () => {
  test('is as in a deployment, and so is its first snapshot', async () => {
    const deployed = isolate('deployed')
    const expected = await stateOf(deployed, await deployed.create({ seed: LARGE }))
    const tenant = await here.create({ seed: LARGE })
    expect(await stateOf(here, tenant)).toEqual(expected)
    await answer(await put(here, tenant, 'changed'))
    await done(remove(here, tenant, 'user-7'))
    await done(reset(here, tenant))
    expect(await stateOf(here, tenant)).toEqual(expected)
  })

  test('may take longer than a round trip to the database may', async () => {
    const hasty = isolate('embedded', { DB: d1, D1_DEADLINE_MS: '400' })
    const { id } = await hasty.create({ seed: LARGE })
    await done(load(hasty, { id }, LARGE))
  })

  test('is made in transactions of few rows each', async () => {
    await here.create({ seed: LARGE })
    const most = Math.max(...d1.written)
    expect(d1.written.length).toBeGreaterThan(8)
    expect(most).toBeLessThan(9000)
  })

  test('is not seen before it is whole, and others are answered meanwhile', async () => {
    const other = await here.create()
    let isMade = false
    const making = here.control('POST', '/tenants', { name: 'large', seed: LARGE }).then((response) => {
      isMade = true
      return response
    })
    let seen = 0
    while (!isMade) {
      const list = await answer<{ results: { id: string; name: string }[] }>(
        await here.control('GET', '/tenants?all=true'),
      )
      const found = await here.control('GET', '/tenants/large')
      await answer(await put(here, other, `value ${seen}`))
      if (isMade) break
      expect(list.results.map(({ name }) => name)).not.toContain('large')
      expect(found.status).toBe(404)
      seen++
      // The steps wait for a timer, which the answers to these would keep from its turn.
      await scheduler.wait(0)
    }
    expect(seen).toBeGreaterThan(1)
    await done(making, 201)
    expect((await here.control('GET', '/tenants/large')).status).toBe(200)
  })

  test.each([1, 2, 6, 14])('is not there if the process is killed after transaction %d', async (transactions) => {
    const { id: before } = await here.create()
    const next = await killedAfter(transactions, () =>
      here.control('POST', '/tenants', { name: `killed-${transactions}`, seed: LARGE }),
    )
    const ended = await env.DB.prepare('select partition_id as id from tenants where expires_at = 0').all<{
      id: string
    }>()
    expect(ended.results).toHaveLength(1)
    const tenant = await next.create({ name: `killed-${transactions}` })
    expect((await next.control('GET', `/tenants/${before}`)).status).toBe(200)
    for (const { id } of ended.results) {
      expect(id).not.toBe(tenant.id)
      await vi.waitFor(async () => expect(await rowsOf(id)).toBe(0), 10_000)
    }
  })

  test('leaves nothing if a step fails', async () => {
    const { prepare } = d1
    let failures = 0
    d1.prepare = (sql) => {
      if (!sql.startsWith('insert into "group_members"') || failures > 0) return prepare(sql)
      failures++
      return prepare('select json_extract(1, 1)')
    }
    await done(here.control('POST', '/tenants', { name: 'failed', seed: LARGE }), 503)
    const left = await env.DB.prepare('select 1 from tenants where expires_at = 0').all()
    expect(left.results).toEqual([])
    await here.create({ name: 'failed' })
  })

  test('of a name that is taken is refused by its first transaction', async () => {
    await here.create({ name: 'taken' })
    d1.written = []
    await done(here.control('POST', '/tenants', { name: 'taken', seed: LARGE }), 409)
    expect(d1.written.length).toBeLessThan(3)
  })
})

describe.each(['reset', 'restore', 'load'] as const)('a large %s', (operation) => {
  let tenant: CreatedTenant
  let before: unknown
  let dump: unknown
  const act = () =>
    operation === 'load'
      ? load(here, tenant, dump)
      : operation === 'reset'
        ? reset(here, tenant)
        : restore(here, tenant)

  beforeEach(async () => {
    tenant = await here.create({ seed: LARGE })
    if (operation === 'restore') await done(take(here, tenant), 201)
    dump = await answer(await here.control('GET', `/tenants/${tenant.id}/dump`))
    before = await stateOf(here, tenant)
    await answer(await put(here, tenant, 'changed'))
    await done(remove(here, tenant, 'user-7'))
  })

  test('is as in a deployment, in transactions of few rows each', async () => {
    d1.written = []
    await done(act())
    expect(Math.max(...d1.written)).toBeLessThan(9000)
    expect(d1.written.length).toBeGreaterThan(8)
    expect(await stateOf(here, tenant)).toEqual(before)
  })

  test('is not seen before it is whole, and others are answered meanwhile', async () => {
    const other = await here.create()
    if (operation === 'load') return seesOneOrTheOther(other)
    const order: string[] = []
    const noted = (name: string) => () => order.push(name)
    await Promise.all([
      act().then(noted('itself')),
      scheduler.wait(1).then(async () => {
        expect(await usersOf(here, tenant)).toBe(LARGE_USERS)
        order.push('a reader')
      }),
      scheduler.wait(1).then(async () => {
        await answer(await put(here, tenant, 'later'))
        order.push('a writer')
      }),
      scheduler.wait(1).then(async () => {
        const fork = await forkOf(here, tenant)
        expect(await usersOf(here, fork)).toBe(LARGE_USERS)
        order.push('a fork')
      }),
      scheduler.wait(1).then(async () => {
        await answer(await put(here, other, 'value'))
        order.push('another tenant')
      }),
    ])
    expect(order.slice(0, 2).toSorted()).toContain('another tenant')
    expect(await settingOf(here, tenant)).toBe('later')
  })

  /** What is asked before the document is known to be whole sees what there was. */
  async function seesOneOrTheOther(other: CreatedTenant) {
    const seen: number[] = []
    const forks: { fork: CreatedTenant; users: number }[] = []
    let isOver = false
    const loading = act().finally(() => {
      isOver = true
    })
    while (!isOver) {
      await answer(await put(here, other, `value ${seen.length}`))
      const before = await usersOf(here, tenant)
      const isTriedOut = await env.DB.prepare('select 1 from tenants where expires_at = 0').first()
      const fork = isTriedOut && forks.length < 2 && (await forkOf(here, tenant))
      const users = await usersOf(here, tenant)
      if (fork && users === before) forks.push({ fork, users })
      seen.push(users)
      await scheduler.wait(0)
    }
    await done(loading)
    expect(seen.length).toBeGreaterThan(1)
    expect(seen).toEqual(seen.toSorted())
    expect(forks.length).toBeGreaterThan(0)
    for (const { fork, users } of forks) expect(await usersOf(here, fork)).toBe(users)
    expect([LARGE_USERS - 1, LARGE_USERS]).toEqual(expect.arrayContaining([...new Set(seen)]))
    expect(await usersOf(here, tenant)).toBe(LARGE_USERS)
  }

  test.each([0, 1, 2, 4, 7, 11, 16, 21, 32, 36, 40, 48])(
    'has been made or not, if the process is killed after transaction %d',
    async (n) => {
      const changed = JSON.stringify(await stateOf(here, tenant))
      const next = await killedAfter(n, act)

      const after = await stateOf(next, tenant)
      expect([changed, JSON.stringify(before)]).toContain(JSON.stringify(after))
      const left = await env.DB.prepare("select 1 from snapshots where name like ' %'").all()
      expect(left.results).toEqual([])
      if (n > (operation === 'load' ? 39 : 3)) expect(after).toEqual(before)
    },
  )
})

describe('a large load that is refused', () => {
  let tenant: CreatedTenant
  let before: unknown

  beforeEach(async () => {
    tenant = await here.create({ seed: { settings: [{ key: 'a', value: 'as seeded' }] } })
    before = await stateOf(here, tenant)
  })

  async function expectNothing() {
    expect(await stateOf(here, tenant)).toEqual(before)
    const left = await env.DB.prepare(
      "select 1 from tenants where expires_at = 0 union all select 1 from snapshots where name like ' %'",
    ).all()
    expect(left.results).toEqual([])
  }

  test('by a step leaves the tenant as it was', async () => {
    const { prepare } = d1
    let asked = 0
    d1.prepare = (sql) => {
      // The first is of the batch that turns out to be too large.
      const fails = sql.startsWith('insert into "group_members"') && ++asked === 2
      return prepare(fails ? 'select json_extract(1, 1)' : sql)
    }
    await done(load(here, tenant, LARGE), 503)
    await expectNothing()
    await done(load(here, tenant, LARGE))
    expect(await usersOf(here, tenant)).toBe(LARGE_USERS)
  })

  test("for another tenant's client leaves it as it was, too", async () => {
    const [client] = (await here.create()).clients
    await done(load(here, tenant, { ...LARGE, clients: [{ id: client?.id, secret: 'a-client-secret' }] }), 409)
    await expectNothing()
  })
})

describe('a large snapshot', () => {
  let tenant: CreatedTenant

  beforeEach(async () => {
    tenant = await here.create({ seed: LARGE })
  })

  test('has all that there was, though it is written to meanwhile', async () => {
    const whole = await stateOf(here, tenant)
    await Promise.all([
      done(take(here, tenant), 201),
      scheduler.wait(1).then(() => put(here, tenant, 'later')),
      scheduler.wait(1).then(() => remove(here, tenant, 'user-750')),
    ])
    expect(await settingOf(here, tenant)).toBe('later')
    await done(restore(here, tenant))
    expect(await stateOf(here, tenant)).toEqual(whole)
    const deployed = isolate('deployed')
    const expected = await deployed.create({ seed: LARGE })
    await done(take(deployed, expected), 201)
    expect(await snapshotsOf(here, tenant)).toEqual(await snapshotsOf(deployed, expected))
  })

  test('takes the place of one of its name', async () => {
    await done(take(here, tenant), 201)
    await done(remove(here, tenant, 'user-7'))
    await done(take(here, tenant), 200)
    await done(reset(here, tenant))
    await done(restore(here, tenant))
    expect(await usersOf(here, tenant)).toBe(LARGE_USERS - 1)
    expect(await snapshotsOf(here, tenant)).toHaveLength(1)
  })

  test('of which many parts are left leaves none, however often that is cut off', async () => {
    const insert = `insert into snapshots (partition_id, name, section, part, entries, count, created_at)
      values (?, ' capturing', ?, ?, '[]', 0, 0)`
    const parts = Array.from({ length: 25 }, (_, n) => env.DB.prepare(insert).bind(tenant.id, 'users', n))
    await env.DB.batch([env.DB.prepare(insert).bind(tenant.id, '', 0), ...parts])
    for (const transactions of [1, 2, 2]) {
      const cut = new CutOffD1(env.DB)
      cut.cutAfter(transactions)
      await remove(isolate('embedded', { DB: cut }), tenant, 'user-7')
    }
    expect(await snapshotsOf(isolate('embedded'), tenant)).toEqual([])
    expect((await env.DB.prepare("select 1 from snapshots where name = ' capturing'").all()).results).toEqual([])
  })

  test.each([1, 2, 3])(
    'is taken, if the process is killed when %d transactions are left in which its parts are named',
    async (left) => {
      const before = d1.written.length
      await done(take(here, tenant), 201)
      const all = d1.written.length - before
      await done(remove(here, tenant, 'user-7'))
      const next = await killedAfter(all - left, () => take(here, tenant))
      expect(await snapshotsOf(next, tenant)).toMatchObject([{ name: 'kept' }])
      await done(restore(next, tenant))
      expect(await usersOf(next, tenant)).toBe(LARGE_USERS - 1)
      const remains = await env.DB.prepare("select 1 from snapshots where name like ' %'").all()
      expect(remains.results).toEqual([])
    },
  )

  test.each([0, 1, 3, 4, 5, 6])('is there or not, if the process is killed after transaction %d', async (n) => {
    await done(take(here, tenant), 201)
    const before = await snapshotsOf(here, tenant)
    await done(remove(here, tenant, 'user-7'))
    const next = await killedAfter(n, () => take(here, tenant))
    const [found, ...others] = await snapshotsOf(next, tenant)
    expect(others).toEqual([])
    await done(restore(next, tenant))
    expect(await usersOf(next, tenant)).toBe(LARGE_USERS - (found?.entries === before[0]?.entries ? 0 : 1))
    const left = await env.DB.prepare("select 1 from snapshots where name like ' %'").all()
    expect(left.results).toEqual([])
  })
})

describe('a large dump', () => {
  let tenant: CreatedTenant

  beforeEach(async () => {
    tenant = await here.create({ seed: LARGE })
  })

  type Dump = Record<string, { id: string }[]>
  const dump = async ({ control }: Isolate, { id }: { id: string }, query = '') =>
    answer<Dump>(await control('GET', `/tenants/${id}/dump${query}`))
  /** Without what each tenant has of its own. */
  const common = ({ settings = [], ...others }: Dump): Dump => {
    const withoutTimes: Dump = JSON.parse(
      JSON.stringify(others, (key, value) => (/Time$|^legacyId$/.test(key) ? 0 : value)),
    )
    return { ...withoutTimes, settings: settings.map((setting) => ({ ...setting, id: '' })) }
  }

  test.each(['', '?only=users', '?only=settings', '?only=groups', '?passwordHashes=true'])(
    '%s is as in a deployment',
    async (query) => {
      const deployed = isolate('deployed')
      const expected = common(await dump(deployed, await deployed.create({ seed: LARGE }), query))
      expect(common(await dump(here, tenant, query))).toEqual(expected)
    },
  )

  test('has all of one moment, though the tenant is written to meanwhile', async () => {
    const whole = await dump(here, tenant)
    const [found] = await Promise.all([
      dump(here, tenant),
      scheduler.wait(1).then(() => put(here, tenant, 'later')),
      scheduler.wait(1).then(() => remove(here, tenant, 'user-750')),
    ])
    expect(found).toEqual(whole)
    expect(await settingOf(here, tenant)).toBe('later')
    expect((await dump(here, tenant))['users']).toHaveLength(LARGE_USERS - 1)
  })

  test('lets others be answered meanwhile', async () => {
    const other = await here.create()
    const order: string[] = []
    await Promise.all([
      dump(here, tenant).then(() => order.push('the dump')),
      scheduler.wait(1).then(async () => {
        await answer(await put(here, other, 'meanwhile'))
        order.push('another')
      }),
    ])
    expect(order).toEqual(['another', 'the dump'])
  })

  test('that fails holds up nobody', async () => {
    d1.cutAfter(0)
    expect((await here.control('GET', `/tenants/${tenant.id}/dump`)).status).toBe(503)
    d1.cutAfter(Number.POSITIVE_INFINITY)
    await answer(await put(here, tenant, 'later'))
    expect((await dump(here, tenant))['users']).toHaveLength(LARGE_USERS)
  })
})
