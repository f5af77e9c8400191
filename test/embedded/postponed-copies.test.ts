// An embedded tenant makes the rows of a copy when they are first needed. Nobody can tell, whatever is asked in which order.
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { plantAllPostponed } from '../../src/control/states/large-copies.ts'
import { type CreatedTenant, type Isolate, isolate } from '../support/control.ts'
import { DOCUMENT, forkOf, put, settingOf, stateOf } from '../support/forks.ts'
import { answer } from '../support/tenant.ts'

let here: Isolate
let source: CreatedTenant

beforeEach(async () => {
  here = isolate('embedded')
  source = await here.create({ seed: DOCUMENT })
})

/** The number of its rows in the database itself. */
async function rowsOf({ id }: { id: string }): Promise<number> {
  const counts = ['directory_entities', 'groups', 'settings', 'snapshots'].map((table) =>
    env.DB.prepare(`select count(*) as n from ${table} where partition_id = ?`).bind(id),
  )
  const results = await env.DB.batch<{ n: number }>(counts)
  return results.reduce((sum, { results: [row] }) => sum + (row?.n ?? 0), 0)
}

const isPostponed = async ({ id }: { id: string }) =>
  (await env.DB.prepare('select 1 from tenants where partition_id = ? and copy_of is not null').bind(id).all()).results
    .length > 0

describe('rows of a copy', () => {
  test('are not made for its answer, nor for its end', async () => {
    const fork = await forkOf(here, source)
    expect(fork.users).toEqual(source.users)
    expect(await rowsOf(fork)).toBe(0)
    expect((await here.control('DELETE', `/tenants/${fork.id}`)).status).toBe(204)
    expect(await isPostponed(fork)).toBe(false)
  })

  test.each(['GET /api/Group', 'GET /api/User/users', 'GET /api/RobotAccount'])(
    'are there for %s',
    async (operation) => {
      const fork = await forkOf(here, source)
      const [method = '', path = ''] = operation.split(' ')
      const read = ({ id, tokens: { admin: token } }: CreatedTenant) => here.call(method, `${path}/${id}`, { token })
      const [own, others] = await Promise.all([fork, source].map(async (tenant) => answer<object>(await read(tenant))))
      expect(String(own)).toBe(String(others))
      expect(await rowsOf(fork)).toBe(await rowsOf(source))
    },
  )

  test('are those that a deployment makes at once', async () => {
    const deployed = isolate('deployed')
    const at = await forkOf(deployed, source)
    expect(await rowsOf(at)).toBe(await rowsOf(source))
    expect(await stateOf(here, await forkOf(here, source))).toEqual(await stateOf(deployed, at))
  })

  test('are there for whoever asks past the cache', async () => {
    const fork = await forkOf(here, source)
    const token = await here.control('POST', `/tenants/${fork.id}/tokens`, { scopes: ['PM.User'], user: 'ann' })
    expect(token.status).toBe(201)
  })

  test('are made once, however many requests need them at the same time', async () => {
    const fork = await forkOf(here, source)
    const { id, tokens } = fork
    const asked = Array.from({ length: 12 }, (_, n) =>
      n % 3 === 0 ? put(here, fork, `value ${n}`) : here.call('GET', `/api/Group/${id}`, { token: tokens.admin }),
    )
    for (const response of await Promise.all(asked)) expect(response.ok).toBe(true)
    expect(await rowsOf(fork)).toBe(await rowsOf(source))
    expect(await isPostponed(fork)).toBe(false)
  })
})

describe('a copy is of what its source was', () => {
  const changes: Readonly<Record<string, () => Promise<Response>>> = {
    'a setting': () => put(here, source, 'later'),
    'a group': () => here.call('DELETE', `/api/Group/${source.id}/team`, { token: source.tokens.admin }),
    'a user': () => here.call('DELETE', '/api/User/ann', { token: source.tokens.admin }),
    'a document': () => here.control('PUT', `/tenants/${source.id}/dump`, {}),
    'its end': () => here.control('DELETE', `/tenants/${source.id}`),
  }

  test.each(Object.keys(changes))('before %s', async (change) => {
    const before = await stateOf(here, source)
    const forks = await Promise.all(Array.from({ length: 3 }, () => forkOf(here, source)))
    expect((await changes[change]?.())?.status).toBeLessThan(300)
    for (const fork of forks) expect(await stateOf(here, fork)).toEqual(before)
  })

  test('before the time of its source is over', async () => {
    const short = await forkOf(here, source, { ttl: 1 })
    const fork = await forkOf(here, short)
    await expect
      .poll(async () => (await here.control('GET', `/tenants/${short.id}`)).status, { timeout: 10_000 })
      .toBe(404)
    expect(await stateOf(here, fork)).toEqual(await stateOf(here, source))
  })

  test('of which more wait than one transaction makes', async () => {
    const forks = await Promise.all(Array.from({ length: 60 }, () => forkOf(here, source)))
    expect(await rowsOf(forks[59] ?? source)).toBe(0)
    await answer(await put(here, source, 'later'))
    expect(await settingOf(here, source)).toBe('later')
    for (const fork of forks) expect(await settingOf(here, fork)).toBe('as seeded')
  })

  test('and of a copy that has no rows yet', async () => {
    const fork = await forkOf(here, source)
    const second = await forkOf(here, fork)
    await answer(await put(here, fork, 'of the first'))
    expect(await settingOf(here, second)).toBe('as seeded')
  })
})

test('a reset restores it', async () => {
  const fork = await forkOf(here, source)
  await answer(await put(here, source, 'later'))
  await answer(await put(here, fork, 'changed'))
  expect((await here.control('POST', `/tenants/${fork.id}/reset`)).status).toBe(204)
  expect(await settingOf(here, fork)).toBe('as seeded')
})

describe('after a run that was killed', () => {
  test('the next one makes the rows', async () => {
    const fork = await forkOf(here, source)
    const next = isolate('embedded')
    await answer(await put(next, source, 'later'))
    expect(await settingOf(next, fork)).toBe('as seeded')
  })

  test('they can be made for whoever does not know of them', async () => {
    const fork = await forkOf(here, source)
    await plantAllPostponed(env)
    expect(await isPostponed(fork)).toBe(false)
    expect(await settingOf(isolate('deployed'), fork)).toBe('as seeded')
  })
})

test('beyond a thousand of them, copies are made at once', async () => {
  const others = `with recursive n as (select 1 as i union all select i + 1 from n where i < 1000) `
  try {
    await env.DB.prepare(`insert into partitions (id, name) ${others} select 'waits-' || i, 'waits-' || i from n`).run()
    await env.DB.prepare(
      `insert into tenants (partition_id, created_at, copy_of) ${others} select 'waits-' || i, 0, ? from n`,
    )
      .bind(source.id)
      .run()
    const next = isolate('embedded')
    const fork = await forkOf(next, source)
    expect(fork.users).toEqual(source.users)
    expect([await rowsOf(fork), await isPostponed(fork)]).toEqual([await rowsOf(source), false])
    expect(await settingOf(next, fork)).toBe('as seeded')
  } finally {
    await env.DB.prepare("delete from partitions where name like 'waits-%'").run()
  }
})

test('a name that is taken postpones nothing', async () => {
  const fork = await forkOf(here, source)
  const { name } = fork
  for (let time = 0; time < 3; time++) {
    expect((await here.control('POST', `/tenants/${source.id}/fork`, { name })).status).toBe(409)
  }
  expect((await env.DB.prepare('select 1 from tenants where copy_of = ?').bind(source.id).all()).results).toHaveLength(
    1,
  )
})

describe('settings', () => {
  const groupsOf = async ({ id }: { id: string }) =>
    (await env.DB.prepare('select id from groups where partition_id = ?').bind(id).all()).results.length

  test('are made without the rest', async () => {
    const fork = await forkOf(here, source)
    expect(await settingOf(here, fork)).toBe('as seeded')
    await answer(await put(here, fork, 'changed'))
    expect(await settingOf(here, fork)).toBe('changed')
    expect([await groupsOf(fork), await isPostponed(fork)]).toEqual([0, true])
  })

  test('of a source are changed without the rest of its copies', async () => {
    const fork = await forkOf(here, source)
    await answer(await put(here, source, 'later'))
    expect([await groupsOf(fork), await isPostponed(fork)]).toEqual([0, true])
    expect(await settingOf(here, fork)).toBe('as seeded')
  })

  test('are none where their source has none, whatever it has later', async () => {
    const empty = await here.create({ seed: { ...DOCUMENT, settings: DOCUMENT.settings.filter(({ user }) => user) } })
    const fork = await forkOf(here, empty)
    here.takeTrips()
    await answer(await put(here, empty, 'later'))
    await answer(await put(here, fork, 'of the fork'))
    const [inSource, inFork] = here.takeTrips().map(({ rowsWritten }) => rowsWritten)
    expect(inFork).toBe(inSource)
    expect([await groupsOf(fork), await isPostponed(fork)]).toEqual([0, true])
    expect((await here.control('POST', `/tenants/${fork.id}/reset`)).status).toBe(204)
    expect(await settingOf(here, fork)).toBeUndefined()
  })

  test('of a user need the user', async () => {
    const { id, tokens } = await forkOf(here, source)
    const settings = [{ key: 'a', value: 'of ann' }]
    const json = { partitionGlobalId: id, userId: 'ann', settings }
    await answer(await here.call('PUT', '/api/Setting', { token: tokens.admin, json }))
    expect([await groupsOf({ id }), await isPostponed({ id })]).toEqual([await groupsOf(source), false])
  })

  test('are reset to what they were, though the rest is made after they were changed', async () => {
    const fork = await forkOf(here, source)
    await answer(await put(here, fork, 'changed'))
    await answer(await here.call('GET', `/api/Group/${fork.id}`, { token: fork.tokens.admin }))
    expect(await settingOf(here, fork)).toBe('changed')
    expect((await here.control('POST', `/tenants/${fork.id}/reset`)).status).toBe(204)
    expect(await settingOf(here, fork)).toBe('as seeded')
  })

  test('that were made are not made again by the next run', async () => {
    const fork = await forkOf(here, source)
    await answer(await put(here, fork, 'changed'))
    const next = isolate('embedded')
    expect(await settingOf(next, fork)).toBe('changed')
    await answer(await next.call('GET', `/api/Group/${fork.id}`, { token: fork.tokens.admin }))
    expect(await settingOf(next, fork)).toBe('changed')
  })
})

// The last test: such tenants have an end, for which their isolate waits beside those of other tests.
test('rows count against the limits of a key at once', async () => {
  const key = await answer<{ key: string }>(
    await here.control('POST', '/keys', { team: 'testers', limits: { rows: 10_000 } }),
    201,
  )
  const own = await answer<CreatedTenant>(
    await here.send('POST', '/_control/tenants', { token: key.key, json: { seed: DOCUMENT } }),
    201,
  )
  const fork = await answer<CreatedTenant>(
    await here.send('POST', `/_control/tenants/${own.id}/fork`, { token: key.key, json: {} }),
    201,
  )
  expect(await rowsOf(fork)).toBe(await rowsOf(source))
})
