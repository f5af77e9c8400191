// Writes of an embedded tenant that share a transaction: each succeeds or fails as it would alone.

import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { type Bound, bind } from '../../src/database/bound.ts'
import type { Rows } from '../../src/database/database.ts'
import { statement } from '../../src/database/statement.ts'
import { GroupCommit } from '../../src/embedded/group-commit.ts'
import worker from '../../src/embedded/index.ts'
import type { Group } from '../../src/groups/group.schema.ts'
import type { Setting } from '../../src/settings/setting.schema.ts'
import { CountingD1 } from '../support/counting-d1.ts'
import { adminOf, answer, createPartition, customGroup, ORIGIN, user } from '../support/tenant.ts'

const write = statement<{ value: number }>((v) => sql`update t set v = ${v.value}`)
const batchOf = (...values: number[]) => values.map((value) => bind(write, { value }))

/** A store of a list of numbers, written in transactions that take their time. A negative number is refused. */
class Store {
  readonly written: number[] = []
  readonly sent: number[] = []
  message = 'D1_ERROR: no: SQLITE_CONSTRAINT'

  readonly send = async (batch: readonly Bound<unknown>[]): Promise<Rows> => {
    this.sent.push(batch.length)
    await new Promise((resolve) => setTimeout(resolve, 1))
    const values = batch.map((bound) => Number(bound.values[0]))
    if (values.some((value) => value < 0)) throw new Error(this.message)
    this.written.push(...values)
    return values.map((value) => [value])
  }
}

describe('GroupCommit', () => {
  test('sends what waits together, in order, and each gets its own rows', async () => {
    const [store, commits] = [new Store(), new GroupCommit()]
    const batches = [[1], [2, 3], [4], [5, 6, 7]]
    const rows = await Promise.all(batches.map((batch) => commits.through(batchOf(...batch), store.send)))
    expect(rows).toEqual(batches.map((batch) => batch.map((value) => [value])))
    expect(store.written).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(store.sent).toEqual([1, 6])
  })

  test('one that is refused fails alone, and those after it go on', async () => {
    const [store, commits] = [new Store(), new GroupCommit()]
    const batches = [[1], [2], [-1, 3], [4], [5]]
    const settled = await Promise.allSettled(batches.map((batch) => commits.through(batchOf(...batch), store.send)))
    expect(settled.map(({ status }) => status === 'fulfilled')).toEqual([true, true, false, true, true])
    expect(store.written.toSorted()).toEqual([1, 2, 4, 5])
    expect(await commits.through(batchOf(6), store.send)).toEqual([[6]])
  })

  test('nothing is repeated after a failure that may have come after the commit', async () => {
    const [store, commits] = [new Store(), new GroupCommit()]
    store.message = 'Network connection lost.'
    const batches = [[1], [2], [-1], [3]]
    const settled = await Promise.allSettled(batches.map((batch) => commits.through(batchOf(...batch), store.send)))
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected'])
    expect(store.sent).toEqual([1, 3])
    expect(await commits.through(batchOf(4), store.send)).toEqual([[4]])
  })

  test('is bounded, and takes a batch beyond the bound by itself', async () => {
    const [store, commits] = [new Store(), new GroupCommit()]
    const large = Array.from({ length: 1000 }, (_, index) => index)
    const batches = [[1], large, ...large.map((value) => [value])]
    await Promise.all(batches.map((batch) => commits.through(batchOf(...batch), store.send)))
    expect(store.sent).toEqual([1, 1000, 400, 400, 200])
  })
})

describe('an embedded tenant', () => {
  const open = async () => {
    const directory = Array.from({ length: 60 }, (_, index) => `user-${index}`)
    const groups = directory.map((id) => customGroup(`group-${id}`, `Group ${id}`))
    const partition = await createPartition({ entities: directory.map(user), groups })
    const d1 = new CountingD1(env.DB)
    const bindings = { ...env, DB: d1 }
    const token = await adminOf(partition)
    const call = async (method: string, path: string, json?: unknown) => {
      const context = createExecutionContext()
      const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
      const body = json === undefined ? null : JSON.stringify(json)
      const request = new Request(`${ORIGIN}/identity_${path}`, { method, headers, body })
      const response = await worker.fetch(request, bindings, context)
      await waitOnExecutionContext(context)
      return response
    }
    const put = (key: string, value: string) =>
      call('PUT', '/api/Setting', { partitionGlobalId: partition, settings: [{ key, value }] })
    const get = async (key: string) =>
      (await answer<Setting[]>(await call('GET', `/api/Setting?partitionGlobalId=${partition}&key=${key}`)))[0]?.value
    await put('warm', 'up')
    d1.takeTrips()
    return { partition, directory, d1, call, put, get }
  }

  test('100 writers at once need a few transactions, each reads what it wrote, all have a bookmark', async () => {
    const { d1, put, get } = await open()
    const writers = Array.from({ length: 100 }, async (_, index) => {
      const response = await put(`key-${index}`, `value ${index}`)
      expect(response.headers.get('x-d1-bookmark')).toMatch(/^[0-9a-f-]{59}$/)
      expect(await answer<Setting[]>(response)).toMatchObject([{ key: `key-${index}`, value: `value ${index}` }])
    })
    await Promise.all(writers)
    expect(d1.takeTrips().length).toBeLessThan(50)
    for (let index = 0; index < 100; index += 9) expect(await get(`key-${index}`)).toBe(`value ${index}`)
  })

  test('60 groups renamed to 20 names among 60 other writers: each name once, 409 for the rest, no write lost', async () => {
    const { partition, directory, call, put, get } = await open()
    const calls = directory.flatMap((id, index) => [
      call('PUT', `/api/Group/group-${id}`, { name: `New ${index % 20}`, directoryUserIDsToAdd: [id] }),
      put(`key-${index}`, `value ${index}`),
    ])
    const statuses = (await Promise.all(calls)).map(({ status }) => status)
    const renames = statuses.filter((_, index) => index % 2 === 0)
    expect(renames.filter((status) => status === 200)).toHaveLength(20)
    expect(renames.filter((status) => status === 409)).toHaveLength(40)
    expect(statuses.filter((_, index) => index % 2 === 1)).toEqual(directory.map(() => 200))
    const listed = await answer<Group[]>(await call('GET', `/api/Group/${partition}`))
    for (const [index, id] of directory.entries()) {
      const won = renames[index] === 200
      const group = listed.find((each) => each.id === `group-${id}`)
      expect(group?.name).toBe(won ? `New ${index % 20}` : `Group ${id}`)
      expect(await get(`key-${index}`)).toBe(`value ${index}`)
    }
  })

  test('readers racing many writers never see less than what was acknowledged before they began', async () => {
    const { put, get } = await open()
    const acknowledged = new Map<string, number>()
    const writers = Array.from({ length: 12 }, async (_, writer) => {
      for (let value = 1; value <= 15; value++) {
        await answer(await put(`key-${writer}`, String(value)))
        acknowledged.set(`key-${writer}`, value)
      }
    })
    let done = false
    const readers = Array.from({ length: 8 }, async (_, reader) => {
      while (!done) {
        const atLeast = acknowledged.get(`key-${reader}`) ?? 0
        expect(Number((await get(`key-${reader}`)) ?? 0)).toBeGreaterThanOrEqual(atLeast)
      }
    })
    await Promise.all(writers)
    done = true
    await Promise.all(readers)
  })
})
