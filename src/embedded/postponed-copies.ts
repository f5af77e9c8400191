// Copies of partitions whose rows are made when they are first needed: before the first batch that touches rows of the copy, or
// that changes its source. Right only where every batch passes through here: in one isolate that alone uses its database.
import { plantInSteps } from '../control/states/large-copies.ts'
import { type Postponed, plantOwnSettings, plantPostponed } from '../control/states/plant-postponed.ts'
import { endsTenants } from '../control/tenants/ended-tenants.ts'
import type { Batch, Bound, PartitionCopy } from '../database/bound.ts'
import type { Rows } from '../database/database.ts'
import { effectOf } from '../database/failure.ts'
import { type Pass, type Stepper, stepEnd, waitForSteps } from './steps.ts'
import { namedBy, removedBy, removesPartitions, touchesRows } from './touched-partitions.ts'

interface Copy {
  readonly source: string
  /** How many accounts it has; 0 until it is noted. */
  size: number
  /** Whether its own settings are made, or there are none. Tests write these more than all else. */
  hasSettings: boolean
  /** Whether the batch that notes it in the database has ended. Until then it is not known whether its rows could be made. */
  isNoted: boolean
  /** Whether rows were made by steps that did not end. */
  isPartial: boolean
  /** Until when its rows are being made step by step. In milliseconds since the epoch; 0: they are not. */
  busyUntil: number
}

/** What has to be made before a batch, by the partition of a copy: all of its rows, or its own settings. */
type Due = Map<string, 'all' | 'own settings'>

/** The most that are postponed; further copies are made at once. */
const MAX_COPIES = 1000

/** The most copies whose rows one transaction makes: all other requests wait for it. */
const MAX_AT_ONCE = 25

/** A copy of more accounts is made step by step. */
const MAX_SIZE = 500

/** Whether rows of a partition need not be made any more. */
const isEnd = (bound: Bound<unknown>) => removesPartitions(bound) || endsTenants(bound)

/** What the row of a note says of its copy. */
function saidBy([row]: readonly unknown[] = []): Pick<Copy, 'size' | 'hasSettings'> {
  const isNote = typeof row === 'object' && row !== null && 'size' in row && 'hasSettings' in row
  return isNote ? { size: Number(row.size), hasSettings: row.hasSettings === true } : { size: 0, hasSettings: false }
}

export class PostponedCopies {
  readonly #stepper: Stepper
  /** By their partition, in lower case. */
  readonly #copies = new Map<string, Copy>()
  /** The partitions of copies, by their source. Both in lower case. */
  readonly #bySource = new Map<string, Set<string>>()

  constructor(stepper: Stepper) {
    this.#stepper = stepper
  }

  /** Takes what a former run has left, before the first batch. */
  load(copies: readonly Postponed[]) {
    for (const { partition, isPartial, ...copy } of copies) {
      this.#add(partition, { ...copy, isPartial: isPartial === 1, isNoted: true, busyUntil: 0 })
    }
  }

  /**
   * Runs a batch by `pass`, in one transaction with making the rows that have to be there before. The copy that it notes is
   * made in its place where too many are postponed.
   */
  through(batch: Batch, pass: Pass): Promise<Rows> {
    const isIdle = this.#copies.size === 0 && !batch.some(({ copies }) => copies)
    return isIdle ? pass(batch) : this.#run(batch, pass)
  }

  async #run(batch: Batch, pass: Pass): Promise<Rows> {
    const place = batch.findIndex(({ copies }) => copies)
    const copy = batch[place]?.copies
    if (copy && this.#copies.size < MAX_COPIES) return this.#postpone(copy, place, batch, pass)
    if (copy) return this.#makeAtOnce(copy, place, batch, pass)
    const rows = await this.#accompany(batch, pass)
    for (const id of batch.filter(isEnd).flatMap(removedBy)) this.#remove(id)
    return rows
  }

  #add(partition: string, copy: Copy) {
    const [id, source] = [partition.toLowerCase(), copy.source.toLowerCase()]
    this.#copies.set(id, copy)
    this.#bySource.set(source, (this.#bySource.get(source) ?? new Set()).add(id))
  }

  #remove(id: string) {
    const source = this.#copies.get(id)?.source.toLowerCase()
    if (source === undefined) return
    this.#copies.delete(id)
    const others = this.#bySource.get(source)
    others?.delete(id)
    if (others?.size === 0) this.#bySource.delete(source)
  }

  /** @param place where in the batch the note is */
  async #postpone({ source, partition }: PartitionCopy, place: number, batch: Batch, pass: Pass): Promise<Rows> {
    const copy: Copy = { source, size: 0, hasSettings: false, isNoted: false, isPartial: false, busyUntil: 0 }
    try {
      const noted = this.#accompany(batch, pass)
      // It is among the copies before it is noted: from then on a change of its source makes its rows first.
      this.#add(partition, copy)
      const rows = await noted
      Object.assign(copy, saidBy(rows[place]))
      return rows
    } catch (error) {
      if (effectOf(error, true) === 'none') this.#remove(partition.toLowerCase())
      throw error
    } finally {
      copy.isNoted = true
    }
  }

  async #makeAtOnce({ atOnce }: PartitionCopy, place: number, batch: Batch, pass: Pass): Promise<Rows> {
    const made = atOnce()
    const rows = await this.#accompany(batch.toSpliced(place, 1, ...made), pass)
    return rows.toSpliced(place, made.length, [])
  }

  async #accompany(batch: Batch, pass: Pass): Promise<Rows> {
    for (;;) {
      const due = this.#dueBefore(batch)
      const copies = [...due].flatMap(([id, part]) => {
        const copy = this.#copies.get(id)
        return copy ? [{ id, part, copy }] : []
      })
      const large = copies.find(({ part, copy }) => part === 'all' && (copy.size > MAX_SIZE || copy.isPartial))
      if (copies.some(({ copy }) => copy.busyUntil > Date.now())) await waitForSteps()
      else if (large) await this.#plantInSteps(large.id, pass)
      else if (due.size > MAX_AT_ONCE) await this.#plant(new Map([...due].slice(0, MAX_AT_ONCE)), [], pass)
      else return this.#plant(due, batch, pass)
    }
  }

  /** Makes the rows of a large copy, between the requests of others. Whoever needs them meanwhile waits. */
  async #plantInSteps(id: string, pass: Pass): Promise<void> {
    const copy = this.#copies.get(id)
    if (!copy) return
    const isPartial = copy.isPartial || copy.busyUntil > 0
    const begin = (end: number) => {
      copy.busyUntil = end
    }
    try {
      begin(stepEnd())
      await plantInSteps(this.#stepper.open(pass, begin), copy.source, id, isPartial)
      this.#remove(id)
    } catch (error) {
      copy.isPartial = true
      throw error
    } finally {
      copy.busyUntil = 0
    }
  }

  /** Makes what is due, and runs a batch behind it. */
  async #plant(due: Due, batch: Batch, pass: Pass): Promise<Rows> {
    if (due.size === 0) return pass(batch)
    // Of a copy that is being noted meanwhile, the rows may not be made by this: it stays.
    const noted = [...due].filter(([id]) => this.#copies.get(id)?.isNoted)
    const plants = [...due].flatMap(([id, part]) => (part === 'all' ? plantPostponed(id) : plantOwnSettings(id)))
    const rows = await pass([...plants, ...batch])
    for (const [id, part] of noted) {
      const copy = this.#copies.get(id)
      if (part === 'all') this.#remove(id)
      else if (copy) copy.hasSettings = true
    }
    return rows.slice(plants.length)
  }

  /** What has to be made before `batch`. */
  #dueBefore(batch: Batch): Due {
    const due: Due = new Map()
    for (const bound of batch) {
      const isRemoval = removesPartitions(bound)
      // An end looks how many rows there are, and is content with those that are made.
      if (endsTenants(bound) || (!isRemoval && !touchesRows(bound))) continue
      const part = isRemoval || !bound.ownSettings || bound.partition === undefined ? 'all' : 'own settings'
      for (const id of this.#concernedBy(bound, isRemoval)) {
        if (part === 'all' || !(due.has(id) || this.#copies.get(id)?.hasSettings)) due.set(id, part)
      }
    }
    return due
  }

  /** The copies of which a statement reads or changes rows, or whose source it changes. */
  #concernedBy(bound: Bound<unknown>, isRemoval: boolean): Iterable<string> {
    const { partition, writes } = bound
    if (isRemoval) return removedBy(bound).flatMap((id) => [...(this.#bySource.get(id) ?? [])])
    const own = namedBy(bound)?.filter((id) => this.#copies.has(id))
    if (own === undefined || partition === undefined) return this.#copies.keys()
    return writes ? [...own, ...(this.#bySource.get(partition) ?? [])] : own
  }
}
