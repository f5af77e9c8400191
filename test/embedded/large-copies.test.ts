// The rows of a large copy are made in steps, between the requests of others.
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { stepsThrough } from '../../src/control/states/large-copies.ts'
import { listPostponed } from '../../src/control/states/plant-postponed.ts'
import { Database } from '../../src/database/database.ts'
import { PostponedCopies } from '../../src/embedded/postponed-copies.ts'
import { Stepper } from '../../src/embedded/steps.ts'
import { selectFirstUsers } from '../../src/users/first-users.ts'
import { type CreatedTenant, type Isolate, isolate } from '../support/control.ts'
import { forkOf, LARGE, LARGE_USERS, put, settingOf, stateOf } from '../support/forks.ts'
import { answer, createPartition } from '../support/tenant.ts'

let here: Isolate
let source: CreatedTenant

beforeEach(async () => {
  here = isolate('embedded')
  source = await here.create({ seed: LARGE })
})

const groupsOf = ({ call }: Isolate, { id, tokens: { admin: token } }: CreatedTenant) =>
  call('GET', `/api/Group/${id}`, { token })

test('they are those that a deployment makes at once, and those of its first snapshot too', async () => {
  const deployed = isolate('deployed')
  const expected = await stateOf(deployed, await forkOf(deployed, source))
  const fork = await forkOf(here, source)
  expect(await stateOf(here, fork)).toEqual(expected)
  expect((await here.call('DELETE', '/api/User/user-7', { token: fork.tokens.admin })).status).toBe(204)
  expect((await here.control('POST', `/tenants/${fork.id}/reset`)).status).toBe(204)
  expect(await stateOf(here, fork)).toEqual(expected)
})

test('whoever needs them meanwhile waits, and whoever does not is answered', async () => {
  const other = await here.create()
  const fork = await forkOf(here, source)
  const order: string[] = []
  const noted = async (name: string, response: Promise<Response>) => {
    expect((await response).status).toBe(200)
    order.push(name)
  }
  await Promise.all([
    noted('a first reader', groupsOf(here, fork)),
    noted('a second reader', groupsOf(here, fork)),
    noted('its source changes', put(here, source, 'later')),
    noted('another tenant', put(here, other, 'value')),
  ])
  expect(order[0]).toBe('another tenant')
  expect(await settingOf(here, fork)).toBe('as seeded')
  const [row] = (
    await env.DB.prepare('select count(*) as n from directory_entities where partition_id = ?').bind(fork.id).all()
  ).results
  expect(row).toEqual({ n: LARGE_USERS })
})

test('they are made of a source that has ended meanwhile', async () => {
  const fork = await forkOf(here, source)
  const state = await stateOf(here, source)
  expect((await here.control('DELETE', `/tenants/${source.id}`)).status).toBe(204)
  const isThere = async () =>
    (await env.DB.prepare('select 1 from partitions where id = ?').bind(source.id).all()).results
  await vi.waitFor(async () => expect(await isThere()).toEqual([]), 10_000)
  expect(await stateOf(here, fork)).toEqual(state)
})

test('a run that was cut off in the middle is done again', async () => {
  const whole = await stateOf(here, await forkOf(here, source))
  const fork = await forkOf(here, source)
  await answer(await put(here, fork, 'changed'))
  let steps = 0
  const copies = new PostponedCopies(new Stepper(env.DB))
  copies.load(await new Database(env.DB).batch(listPostponed()).then(([left]) => left))
  const database = new Database({
    prepare: (sql) => env.DB.prepare(sql),
    batch: (statements) => env.DB.batch(statements),
    execute: (batch) =>
      copies.through(batch, async (sent) => {
        if (++steps > 4) throw new Error('cut off')
        const results = await env.DB.batch(sent.map(({ sql, values }) => env.DB.prepare(sql).bind(...values)))
        return results.map(({ results: rows }) => rows)
      }),
  })
  await expect(database.batch(selectFirstUsers(fork.id))).rejects.toThrow('cut off')
  const next = isolate('embedded')
  expect((await groupsOf(next, fork)).status).toBe(200)
  expect(await settingOf(next, fork)).toBe('changed')
  expect((await next.control('POST', `/tenants/${fork.id}/reset`)).status).toBe(204)
  expect(await stateOf(next, fork)).toEqual(whole)
})

describe('its steps read no more rows the more others have', () => {
  const acts: Readonly<Record<string, () => Promise<unknown>>> = {
    'of a copy': async () => groupsOf(here, await forkOf(here, source)),
    'of a snapshot': () => here.control('PUT', `/tenants/${source.id}/snapshots/one`),
    'of a dump': () => here.control('GET', `/tenants/${source.id}/dump`),
  }

  test.each(Object.keys(acts))('%s', async (act) => {
    const rowsRead = async () => {
      here.takeTrips()
      await acts[act]?.()
      return here.takeTrips().reduce((sum, trip) => sum + trip.rowsRead, 0)
    }
    const before = await rowsRead()
    for (let other = 0; other < 3; other++) await groupsOf(here, await forkOf(here, await here.create({ seed: LARGE })))
    expect(before).toBeGreaterThan(LARGE_USERS)
    expect((await rowsRead()) / before).toBeLessThan(1.1)
  })
})

test('each account is in one step, of no more than 250 accounts and 2,000 numbers', async () => {
  const gap = fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 5000 }))
  const insert = `insert into directory_entities (seq, partition_id, id, type, name, display_name)
    select value, ?1, value, 0, value, value from json_each(?2)`
  const property = fc.asyncProperty(fc.array(gap, { minLength: 1, maxLength: 1000 }), async (gaps) => {
    const partition = await createPartition()
    let seq = (await env.DB.prepare('select max(seq) as seq from directory_entities').first<number>('seq')) ?? 0
    const accounts = gaps.map((skipped) => (seq += skipped + 1))
    await env.DB.prepare(insert).bind(partition, JSON.stringify(accounts)).run()
    const steps = await stepsThrough(new Database(env.DB), partition)
    const within = steps.map(({ after, upTo }) => accounts.filter((number) => number > after && number <= upTo))
    expect(within.flat()).toEqual(accounts)
    expect(Math.max(...within.map(({ length }) => length))).toBeLessThanOrEqual(250)
    expect(Math.max(...steps.map(({ after, upTo }) => upTo - after))).toBeLessThanOrEqual(2000)
  })
  await fc.assert(property, { numRuns: 20 })
})
