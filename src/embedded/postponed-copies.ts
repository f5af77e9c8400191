// Copies of partitions whose rows are made when they are first needed: before the first batch that touches rows of the copy, or
// that changes its source. Right only where every batch passes through here: in one isolate that alone uses its database.
import { getTableName } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { postponedCopies } from '../control/control.table.ts'
import {
  listPostponed,
  POSTPONED_TABLES,
  plantOwnSettings,
  plantPostponed,
} from '../control/states/postponed-copies.ts'
import { type Batch, type Bound, Database, type PartitionCopy, type Rows } from '../database/database.ts'
import { effectOf } from '../database/failure.ts'
import { partitions } from '../partitions/partition.table.ts'

/** Runs a batch as one transaction. */
type Pass = (batch: Batch) => Promise<Rows>

interface Copy {
  /** In lower case. */
  readonly source: string
  /** Whether its own settings are made. Tests write these more than all else. */
  hasSettings: boolean
  /** Whether the batch that notes it in the database has ended. Until then it is not known whether its rows could be made. */
  isNoted: boolean
}

/** What has to be made of a copy before a batch. */
interface Due {
  readonly partition: string
  readonly copy: Copy
  readonly part: 'own settings' | 'all'
}

/** The most that are postponed; further copies are made at once. */
const MAX_COPIES = 1000

/** The most copies whose rows one transaction makes: all other requests wait for it. */
const MAX_AT_ONCE = 25

/** Values that are longer are no id. In characters. */
const MAX_ID = 256

const anyOf = (tables: readonly SQLiteTable[]) => tables.map((table) => `"${getTableName(table)}"`).join('|')

/** Whether a statement reads or writes rows that copies have. */
const touchesRows = remembered(new RegExp(anyOf([...POSTPONED_TABLES, postponedCopies])))

/** Whether a statement removes partitions, and by cascade all that they have. */
const removesPartitions = remembered(new RegExp(`^delete from (?:${anyOf([partitions])})`))

/** Whether the SQL of a statement matches, which is found out once for each statement. */
function remembered(pattern: RegExp): (bound: Bound<unknown>) => boolean {
  const known = new Map<number, boolean>()
  return ({ number, sql }) => {
    const before = known.get(number)
    if (before !== undefined) return before
    const matches = pattern.test(sql)
    known.set(number, matches)
    return matches
  }
}

/** Whether a statement reads or changes rows of the copy, or changes those of its source. */
function concerns(
  { partition: touched, writes, values }: Bound<unknown>,
  partition: string,
  { source }: Copy,
): boolean {
  if (touched === undefined || touched === partition || (writes && touched === source)) return true
  return values.some((value) => isText(value) && value.length <= MAX_ID && value.toLowerCase() === partition)
}

/** What a statement needs of a copy; undefined if nothing. */
function partFor(bound: Bound<unknown>, partition: string, copy: Copy): Due['part'] | undefined {
  if (removesPartitions(bound) && mentions(bound, copy.source)) return 'all'
  if (!touchesRows(bound) || !concerns(bound, partition, copy)) return undefined
  if (!bound.ownSettings || bound.partition === undefined) return 'all'
  return copy.hasSettings ? undefined : 'own settings'
}

/** Whether an id is among the values, or within a list of ids. In lower case. */
const mentions = ({ values }: Bound<unknown>, id: string) =>
  values.some((value) => isText(value) && value.toLowerCase().includes(id))

const isText = (value: unknown) => typeof value === 'string'

export class PostponedCopies {
  readonly #database: Database
  /** By their partition, in lower case. */
  readonly #copies = new Map<string, Copy>()
  #isLoaded = false

  /** @param deadline the longest that a round trip may take, in milliseconds */
  constructor(d1: D1Database, deadline: number | undefined) {
    this.#database = new Database(d1, { deadline })
  }

  /**
   * Runs a batch by `pass`, in one transaction with making the rows that have to be there before. Copies in it are noted
   * instead of made.
   */
  through(batch: Batch, pass: Pass): Promise<Rows> {
    const isIdle = this.#isLoaded && this.#copies.size === 0 && !batch.some(({ copies }) => copies)
    return isIdle ? pass(batch) : this.#run(batch, pass)
  }

  async #run(batch: Batch, pass: Pass): Promise<Rows> {
    if (!this.#isLoaded) await this.#load()
    const copy = batch.find(({ copies }) => copies)?.copies
    if (copy && this.#copies.size < MAX_COPIES) return this.#postpone(copy, batch, pass)
    const rows = await this.#accompany(batch, pass)
    for (const removal of batch.filter(removesPartitions)) {
      for (const partition of this.#copies.keys()) if (mentions(removal, partition)) this.#copies.delete(partition)
    }
    return rows
  }

  /** What a former run has left. */
  async #load() {
    const [copies] = await this.#database.batch(listPostponed())
    for (const { partition, source, settingsMade } of copies) {
      const copy = { source: source.toLowerCase(), hasSettings: settingsMade, isNoted: true }
      this.#copies.set(partition.toLowerCase(), copy)
    }
    this.#isLoaded = true
  }

  async #postpone({ source, partition, note }: PartitionCopy, batch: Batch, pass: Pass): Promise<Rows> {
    const kept = batch.filter(({ copies }) => !copies)
    const copy: Copy = { source: source.toLowerCase(), hasSettings: false, isNoted: false }
    const id = partition.toLowerCase()
    try {
      // It is among the copies before it is noted: from then on a change of its source makes its rows first.
      const noted = this.#accompany([...kept, note], pass)
      this.#copies.set(id, copy)
      const rows = await noted
      let next = 0
      return batch.map(({ copies }) => (copies ? [] : (rows[next++] ?? [])))
    } catch (error) {
      if (effectOf(error, true) === 'none') this.#copies.delete(id)
      throw error
    } finally {
      copy.isNoted = true
    }
  }

  async #accompany(batch: Batch, pass: Pass): Promise<Rows> {
    let due = this.#dueBefore(batch)
    for (; due.length > MAX_AT_ONCE; due = this.#dueBefore(batch)) {
      await this.#plant(due.slice(0, MAX_AT_ONCE), [], pass)
    }
    return this.#plant(due, batch, pass)
  }

  /** Makes what is due, and runs a batch behind it. */
  async #plant(due: readonly Due[], batch: Batch, pass: Pass): Promise<Rows> {
    // Of a copy that is being noted meanwhile, the rows may not be made by this: it stays.
    const noted = due.filter(({ copy }) => copy.isNoted)
    const plants = due.flatMap(({ partition, part }) =>
      part === 'all' ? plantPostponed(partition) : plantOwnSettings(partition),
    )
    const rows = await pass([...plants, ...batch])
    for (const { partition, copy, part } of noted) {
      if (part === 'all') this.#copies.delete(partition)
      else copy.hasSettings = true
    }
    return rows.slice(plants.length)
  }

  #dueBefore(batch: Batch): Due[] {
    const statements = batch.filter((bound) => touchesRows(bound) || removesPartitions(bound))
    if (statements.length === 0) return []
    return Array.from(this.#copies).flatMap(([partition, copy]): Due[] => {
      const parts = statements.map((bound) => partFor(bound, partition, copy))
      if (parts.includes('all')) return [{ partition, copy, part: 'all' }]
      return parts.includes('own settings') ? [{ partition, copy, part: 'own settings' }] : []
    })
  }
}
