// Partitions whose rows are removed some time after their end. The end itself notes it in the tenant's row, where it is over for
// whoever looks: the rest goes in the background, several at once, or before the first batch that could see any of it. Right only
// where every batch passes through here: in one isolate that alone uses its database.
import { waitUntil } from 'cloudflare:workers'
import { selectClient } from '../connect/client.queries.ts'
import {
  type EndedTenant,
  endsTenants,
  endTenants,
  removeInSteps,
  removeTenants,
} from '../control/tenants/ended-tenants.ts'
import type { Batch, Bound } from '../database/bound.ts'
import type { Rows } from '../database/database.ts'
import { effectOf } from '../database/failure.ts'
import { type Pass, type Stepper, stepEnd, waitForSteps } from './steps.ts'
import { namedBy, removedBy, removesPartitions, touchesPartitions } from './touched-partitions.ts'

interface Ended {
  /** Whether its rows are removed in steps: all at once, they would hold up every other request. */
  isLarge: boolean
  /** Until when they are being removed in steps. In milliseconds since the epoch; 0: they are not. */
  busyUntil: number
}

/** How long after an end the rows go, so that those of several go together. In milliseconds. */
const DELAY = 250

/** The most partitions that one transaction removes: all other requests wait for it. */
const MAX_AT_ONCE = 25

/** Statements whose rows say when the tenant's time is over, and whose callers refuse those: they may see what has ended. */
const TELLING = new Set([selectClient.number])

export class PostponedRemovals {
  readonly #stepper: Stepper
  readonly #remove: Pass
  /** By their partition, in lower case. */
  readonly #ended = new Map<string, Ended>()
  /** Until when a request removes in the background. In milliseconds since the epoch; 0: none does. */
  #removerUntil = 0

  /** @param remove runs what removes rows that nobody sees */
  constructor(stepper: Stepper, remove: Pass) {
    this.#stepper = stepper
    this.#remove = remove
  }

  /** Takes what a former run has left, before the first batch. */
  load(ended: readonly EndedTenant[]) {
    for (const row of ended) this.#add(row)
    this.#removeSoon()
  }

  /** Runs a batch by `pass`, behind the removals of what it must not see. Removals in it are noted instead. */
  through(batch: Batch, pass: Pass): Promise<Rows> {
    const isIdle = this.#ended.size === 0 && !batch.some(removesPartitions)
    return isIdle ? pass(batch) : this.#run(batch, pass)
  }

  async #run(batch: Batch, pass: Pass): Promise<Rows> {
    await this.#removeAll(() => this.#seenBy(batch))
    try {
      return await this.#end(batch, pass)
    } catch (error) {
      // What has ended may still have the name or the client that a batch gives to another tenant.
      if (this.#ended.size === 0 || !isOfConstraint(error)) throw error
      await this.#removeAll(() => [...this.#ended.keys()])
      return this.#end(batch, pass)
    }
  }

  /** Runs a batch that notes ends in place of removals. */
  async #end(batch: Batch, pass: Pass): Promise<Rows> {
    if (!batch.some(removesPartitions)) return pass(batch)
    const noted = batch.map((bound) => (removesPartitions(bound) ? endTenants(removedBy(bound)) : bound))
    const ids = noted.filter(endsTenants).flatMap(removedBy)
    try {
      const rows = await pass(noted)
      for (const row of noted.flatMap((bound, index) => (endsTenants(bound) ? (rows[index] ?? []) : []))) this.#add(row)
      return rows
    } catch (error) {
      // They may have ended. Of one that has not, nothing is removed.
      if (effectOf(error, true) === 'unknown') for (const partition of ids) this.#add({ partition, isLarge: 1 })
      throw error
    } finally {
      this.#removeSoon()
    }
  }

  #removeSoon() {
    if (this.#ended.size > 0) waitUntil(this.#removeLater())
  }

  #add(row: unknown) {
    if (!isEndedTenant(row)) return
    this.#ended.set(row.partition.toLowerCase(), { isLarge: row.isLarge === 1, busyUntil: 0 })
  }

  /** The ended partitions of which a batch could see rows. */
  #seenBy(batch: Batch): string[] {
    const seen = new Set<string>()
    for (const bound of batch) {
      for (const id of this.#namedBy(bound)) if (this.#ended.has(id)) seen.add(id)
    }
    return [...seen]
  }

  #namedBy(bound: Bound<unknown>): Iterable<string> {
    return namedBy(bound) ?? (TELLING.has(bound.number) || !touchesPartitions(bound) ? [] : this.#ended.keys())
  }

  async #removeAll(due: () => string[]): Promise<void> {
    for (;;) {
      const ids = due()
      const [large] = ids.filter((id) => this.#ended.get(id)?.isLarge)
      if (ids.length === 0) return
      if (large !== undefined) await this.#removeLarge(large)
      else await this.#removeAtOnce(ids.slice(0, MAX_AT_ONCE))
    }
  }

  async #removeAtOnce(ids: readonly string[]) {
    await this.#remove([removeTenants(ids)])
    for (const id of ids) this.#ended.delete(id)
  }

  /** Removes the rows of a large partition, between the requests of others. Whoever would see them meanwhile waits. */
  async #removeLarge(id: string) {
    const ended = this.#ended.get(id)
    if (ended === undefined) return
    if (ended.busyUntil > Date.now()) return waitForSteps()
    const begin = (end: number) => {
      ended.busyUntil = end
    }
    try {
      begin(stepEnd())
      await removeInSteps(this.#stepper.open(this.#remove, begin), id)
      await this.#removeAtOnce([id])
    } finally {
      ended.busyUntil = 0
    }
  }

  /** Removes in the background. If it fails, rows stay until the next end, or until something would see them. */
  async #removeLater(): Promise<void> {
    if (this.#removerUntil > Date.now()) return
    try {
      while (this.#ended.size > 0) {
        this.#removerUntil = stepEnd()
        await scheduler.wait(DELAY)
        const ids = [...this.#ended.keys()]
        await this.#removeAll(() => ids.filter((id) => this.#ended.has(id)))
      }
    } catch (error) {
      console.error(`rows of tenants that have ended are not removed yet: ${error}`)
    } finally {
      this.#removerUntil = 0
    }
  }
}

const isEndedTenant = (row: unknown): row is EndedTenant =>
  typeof row === 'object' && row !== null && 'partition' in row && typeof row.partition === 'string' && 'isLarge' in row

const isOfConstraint = (error: unknown) => error instanceof Error && /constraint failed/i.test(error.message)
