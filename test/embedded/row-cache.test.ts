// The cache of an embedded tenant: a read after an acknowledged write always sees it, however the two race.
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Rows } from '../../src/database/database.ts'
import worker from '../../src/embedded/index.ts'
import { type Access, RowCache, type ToldRead } from '../../src/embedded/row-cache.ts'
import type { Setting } from '../../src/settings/setting.schema.ts'
import { CountingD1 } from '../support/counting-d1.ts'
import { raceReaders } from '../support/race.ts'
import { adminOf, answer, createPartition, ORIGIN } from '../support/tenant.ts'

/** A store of one number whose reads and writes end when the test says so. */
class Slow {
  value = 0
  readonly #waiting: (() => void)[] = []

  async read(): Promise<Rows> {
    const rows = [[this.value]]
    await this.#turn()
    return rows
  }

  async write(value: number): Promise<Rows> {
    await this.#turn()
    this.value = value
    await this.#turn()
    return [[]]
  }

  /** Lets one of the waiting steps go on. */
  step(pick: number) {
    this.#waiting.splice(pick % Math.max(1, this.#waiting.length), 1)[0]?.()
  }

  get waiting() {
    return this.#waiting.length
  }

  #turn = () => new Promise<void>((resolve) => this.#waiting.push(resolve))
}

const tells = (): ToldRead[] => []
const access = (writes: boolean, partition: string | undefined = 'p') => ({ writes, partition, key: 'k', tells })
const telling = (partition: string): Access => ({ writes: true, partition, tells: (rows) => [{ key: 'k', rows }] })

describe('RowCache', () => {
  test('answers a read again without asking, until a write of that partition or of any', async () => {
    const cache = new RowCache()
    let asked = 0
    const read = (partition?: string) => cache.through(access(false, partition), async () => [[++asked]])
    const write = (partition: string | undefined) => cache.through({ ...access(true), partition }, async () => [[]])
    expect([await read(), await read(), await read('q')]).toEqual([[[1]], [[1]], [[2]]])
    await write('q')
    expect([await read(), await read('q')]).toEqual([[[1]], [[3]]])
    await write(undefined)
    expect([await read(), await read('q')]).toEqual([[[4]], [[5]]])
  })

  test('answers a read that a write has told of, whatever other partitions write, until its own is written to', async () => {
    const cache = new RowCache()
    const read = (partition?: string) => cache.through({ ...access(false), partition }, async () => [['asked']])
    const write = (partition: string | undefined) => cache.through({ ...access(true), partition }, async () => [[]])
    const tell = () => cache.through(telling('p'), async () => [['told']])
    await tell()
    await write('q')
    expect([await read(undefined), await read('p')]).toEqual([[['told']], [['told']]])
    const { promise, resolve } = Promise.withResolvers<Rows>()
    const other = cache.through({ ...access(true), partition: 'q' }, () => promise)
    expect(await read(undefined)).toEqual([['told']])
    resolve([[]])
    await other
    for (const partition of ['p', undefined]) {
      await tell()
      await write(partition)
      expect(await read(undefined)).toEqual([['asked']])
    }
  })

  test('is told nothing by a write beside another of its partition, nor by one that failed', async () => {
    const cache = new RowCache()
    const read = () => cache.through(access(false), async () => [['asked']])
    for (const partition of ['p', undefined]) {
      for (const isFirst of [true, false]) {
        const { promise, resolve } = Promise.withResolvers<Rows>()
        const other = { ...access(true), partition }
        const slow = cache.through(isFirst ? telling('p') : other, () => promise)
        await cache.through(isFirst ? other : telling('p'), async () => [['told']])
        resolve([['told']])
        await slow
        expect(await read()).toEqual([['asked']])
        await cache.through(access(true), async () => [[]])
      }
    }
    await expect(cache.through(telling('p'), () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await read()).toEqual([['asked']])
  })

  test('keeps nothing of a read that failed, and forgets on a write that failed', async () => {
    const cache = new RowCache()
    const fail = async () => Promise.reject(new Error('no'))
    await expect(cache.through(access(false), fail)).rejects.toThrow('no')
    await cache.through(access(false), async () => [[1]])
    await expect(cache.through(access(true), fail)).rejects.toThrow('no')
    expect(await cache.through(access(false), async () => [[2]])).toEqual([[2]])
  })

  test('is bounded', async () => {
    const cache = new RowCache()
    let asked = 0
    const read = (key: string) => cache.through({ ...access(false), key }, async () => [[++asked]])
    for (let index = 0; index <= 10_000; index++) await read(String(index))
    await read('0')
    expect(asked).toBe(10_002)
  })

  test('is bounded by the memory that rows take, whatever their number', async () => {
    const cache = new RowCache()
    let asked = 0
    const read = (key: string, characters: number, partition = 'p') =>
      cache.through({ ...access(false, partition), key }, async () => {
        asked++
        return [[{ value: 'x'.repeat(characters), other: null }]]
      })
    const isKept = async (key: string) => {
      const before = asked
      await read(key, 1)
      return asked === before
    }
    // 15 reads of 2 MB, each of two bytes a character.
    for (let index = 0; index < 15; index++) await read(String(index), 1_000_000)
    expect(await isKept('0')).toBe(true)
    for (let index = 15; index < 18; index++) await read(String(index), 1_000_000)
    expect(await isKept('0')).toBe(false)
    // What a write empties no longer counts.
    for (let round = 0; round < 20; round++) {
      await read('in q', 2_000_000, 'q')
      await cache.through({ ...access(true), partition: 'q' }, async () => [[]])
    }
    expect(await isKept('0')).toBe(true)
    // One that would take an eighth of all is not worth the others.
    await read('large', 3_000_000)
    expect(await isKept('large')).toBe(false)
    expect(await isKept('0')).toBe(true)
  })

  test('is bounded in the number of partitions', async () => {
    const cache = new RowCache()
    let asked = 0
    const read = (partition: string) => cache.through(access(false, partition), async () => [[++asked]])
    await read('first')
    for (let index = 0; index < 10_000; index++) cache.versionOf(`p${index}`)
    await read('first')
    expect(asked).toBe(2)
  })

  test('2,000 random interleavings of reads and writes: no read is older than a write acknowledged before it began', async () => {
    let state = 42
    const random = (below: number) => {
      state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 1
      return (state >>> 0) % below
    }
    for (let round = 0; round < 2000; round++) await race(random)
  })
})

/** A write that tells the reads behind it of its value, as a write may whose statement returns it. */
const writing = (value: number): Access => ({
  writes: true,
  partition: 'p',
  tells: () => [{ key: 'k', rows: [[value]] }],
})

async function race(random: (below: number) => number) {
  const cache = new RowCache()
  const store = new Slow()
  const running: Promise<unknown>[] = []
  let acknowledged = 0
  let written = 0
  for (let step = 0; step < 12 || store.waiting > 0; step++) {
    const what = step < 12 ? random(3) : 2
    if (what === 0) {
      const atLeast = acknowledged
      const read = cache.through(access(false), () => store.read())
      running.push(read.then((rows) => expect(Number(rows[0]?.[0])).toBeGreaterThanOrEqual(atLeast)))
    } else if (what === 1 && written === acknowledged) {
      const value = ++written
      running.push(cache.through(writing(value), () => store.write(value)).then(() => (acknowledged = value)))
    } else {
      store.step(random(8))
    }
    for (let tick = 0; tick < 4; tick++) await Promise.resolve()
  }
  await Promise.all(running)
}

describe('an embedded tenant', () => {
  let d1: CountingD1
  let bindings: Cloudflare.Env
  let partition: string
  let token: string

  const call = async (method: string, path: string, json?: unknown) => {
    const context = createExecutionContext()
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
    const body = json === undefined ? null : JSON.stringify(json)
    const request = new Request(`${ORIGIN}/identity_${path}`, { method, headers, body })
    const response = await worker.fetch(request, bindings, context)
    await waitOnExecutionContext(context)
    return response
  }
  const read = async () =>
    (await answer<Setting[]>(await call('GET', `/api/Setting?partitionGlobalId=${partition}&key=k`)))[0]?.value
  const write = async (value: string) =>
    answer(await call('PUT', '/api/Setting', { partitionGlobalId: partition, settings: [{ key: 'k', value }] }))

  beforeEach(async () => {
    d1 = new CountingD1(env.DB)
    bindings = { ...env, DB: d1 }
    partition = await createPartition()
    token = await adminOf(partition)
    await write('first')
    d1.takeTrips()
  })

  test('asks the database once for the same reads, and again after a write', async () => {
    const readOther = async () => answer(await call('GET', `/api/Setting?partitionGlobalId=${partition}&key=other`))
    for (let index = 0; index < 5; index++) expect(await readOther()).toEqual([])
    expect(d1.takeTrips()).toHaveLength(1)
    const { headers } = await call('GET', `/api/Setting?partitionGlobalId=${partition}&key=k`)
    expect(headers.get('x-d1-bookmark')).toMatch(/^[0-9a-f-]{59}$/)
    await write('second')
    expect(await readOther()).toEqual([])
    expect(d1.takeTrips()).toHaveLength(2)
    expect(await read()).toBe('second')
  })

  test('readers racing a writer never see less than what was acknowledged before they began', async () => {
    await raceReaders(
      60,
      async () => Number((await read()) === 'first' ? 0 : await read()),
      (value) => write(String(value)),
    )
  })
})
