// One request under what is armed for its partition: the control plane's side of `RequestEffects`.
import type { Guard } from '../../database/database.ts'
import type { Caller, RequestEffects } from '../../database/request-effects.ts'
import { foldId } from '../../http/identifier.ts'
import type { Instant } from '../../http/timestamp.ts'
import { expiryGuard } from '../../partitions/expiry.ts'
import { loadArmed, revisionGuard } from './armed.ts'
import { type Armed, cacheArmed, cachedArmed } from './armed-cache.ts'
import { readClock } from './clock.ts'
import { type Mutilation, meetFaults, type Outcomes } from './faults.ts'
import { meetPreferences } from './prefer.ts'

/** The partition a request is about, once that is known. */
interface Entered {
  readonly partition: string
  readonly armed: Armed
  /** Whether the database has confirmed that `armed` is the current revision. */
  confirmed: boolean
}

/** What of a request decides which faults it meets. */
export interface FaultTarget {
  readonly method: string
  /** The name of the operation it was routed to. */
  operation(): string | undefined
  /** The value of its `Prefer` header. */
  prefer(): string | undefined
}

export class ArmedRequest implements RequestEffects {
  readonly #env: Cloudflare.Env
  readonly #target: FaultTarget
  readonly #restarted: boolean
  /** What faults did to it. */
  readonly outcomes: Outcomes
  #entered: Entered | undefined
  caller: Caller | undefined
  /** Preferences that were followed, for the header `Preference-Applied`. */
  readonly applied: string[] = []
  /** Whether it is written to the journal even where that is off. */
  isKept = false
  /** What a fault does to the answer before it goes out. */
  mutilation: Mutilation | undefined

  /**
   * @param before what faults did to the request before it was started again with what the database had just told: that
   *   stands for the whole request, so that changes in quick succession cannot start it again for ever. Undefined for the
   *   first start.
   */
  constructor(env: Cloudflare.Env, target: FaultTarget, before: Outcomes | undefined) {
    this.#env = env
    this.#target = target
    this.#restarted = before !== undefined
    this.outcomes = before ?? new Map()
  }

  /** What is armed for the partition that was entered. */
  get armed(): Armed | undefined {
    return this.#entered?.armed
  }

  get partition(): string | undefined {
    return this.#entered?.partition
  }

  async enter(partition: string, caller: Caller, revision?: number) {
    const id = foldId(partition)
    this.caller = caller
    if (this.#entered?.partition === id) return
    const entered = await this.#find(id, revision)
    this.#entered = entered
    if (caller.mayPrefer && this.applied.length === 0) await meetPreferences(this.#target.prefer(), this.applied)
    if (entered.armed.faults.length > 0) await this.#meetFaults(entered)
  }

  async #find(partition: string, revision: number | undefined): Promise<Entered> {
    const { armed, exact } = cachedArmed(this.#env, partition)
    if (exact || this.#restarted) return { partition, armed, confirmed: true }
    if (revision === undefined) return { partition, armed, confirmed: false }
    return { partition, armed: armed.revision === revision ? armed : await this.#load(partition), confirmed: true }
  }

  async #meetFaults({ partition, armed }: Entered) {
    const met = { operation: this.#target.operation(), method: this.#target.method }
    this.mutilation = await meetFaults(this.#env, partition, armed.faults, met, this.outcomes)
  }

  dependOnClock(partition: string) {
    const id = foldId(partition)
    const { armed, exact } = cachedArmed(this.#env, id)
    this.#entered ??= { partition: id, armed, confirmed: exact || this.#restarted }
  }

  guardsFor(partition: string): readonly Guard[] {
    const revision = this.#revisionGuard(partition)
    // Embedded, tenants are removed as soon as their time is over, and rows that depend on the time cannot be cached.
    return [...(this.#env.EMBEDDED ? [] : [expiryGuard(partition)]), ...(revision ? [revision] : [])]
  }

  #revisionGuard(partition: string): Guard | undefined {
    const entered = this.#entered
    if (entered === undefined || entered.confirmed || entered.partition !== foldId(partition)) return undefined
    return revisionGuard(partition, entered.armed.revision, () => {
      entered.confirmed = true
      // Embedded, no other isolate arms anything: what was confirmed once is exact until this one changes it.
      if (this.#env.EMBEDDED) cacheArmed(this.#env, entered.partition, entered.armed)
    })
  }

  now(partition?: string): Instant {
    if (partition === undefined) return readClock(this.#entered?.armed.clock ?? { is: 'real' })
    return readClock(cachedArmed(this.#env, foldId(partition)).armed.clock)
  }

  signsInAs(): string | undefined {
    return this.#entered?.armed.signIn ?? undefined
  }

  keepInJournal() {
    this.isKept = true
  }

  /**
   * Whether an answer that was given without asking the database goes by an outdated revision. Asks the database now,
   * and so costs a refusal a round trip, unless the revision was confirmed.
   */
  async isOutdated(): Promise<boolean> {
    const entered = this.#entered
    if (entered === undefined || entered.confirmed) return false
    const { revision } = await this.#load(entered.partition)
    entered.confirmed = true
    return revision !== entered.armed.revision
  }

  /** Loads what is armed now into the cache, for the request that is started again. */
  async reload() {
    if (this.#entered) await this.#load(this.#entered.partition)
  }

  #load(partition: string): Promise<Armed> {
    return loadArmed(this.#env, partition)
  }
}
