// One request under what is armed for its tenant.
import type { Context } from 'hono'
import type { Guard } from '../../database/database.ts'
import type { AppEnv } from '../../database/session.ts'
import type { Caller, TenantControl } from '../../database/tenant-control.ts'
import { matchedOperation } from '../../http/contract.ts'
import { foldId } from '../../http/identifier.ts'
import type { Instant } from '../../http/timestamp.ts'
import { type Armed, learn, load, onlyRevision, recall } from './armed.ts'
import { read } from './clock.ts'
import { type Effects, type Mutilation, meetFaults } from './faults.ts'
import { meetPreferences } from './prefer.ts'

/** The partition a request turned out to be about. */
interface Entered {
  readonly partition: string
  readonly armed: Armed
  /** Whether that is known to be armed, and not another revision. */
  confirmed: boolean
}

export class RequestControl implements TenantControl {
  readonly #c: Context<AppEnv>
  /** What is armed was asked just now: it stands for the whole request. */
  readonly #settled: boolean
  /** What faults did to it. */
  readonly effects: Effects
  #entered: Entered | undefined
  caller: Caller | undefined
  /** Preferences that were heeded. */
  readonly applied: string[] = []
  /** What is done to the answer before it goes out. */
  mutilation: Mutilation | undefined

  /** @param before what faults did to the request before it was started again; undefined for its first start */
  constructor(c: Context<AppEnv>, before: Effects | undefined) {
    this.#c = c
    this.#settled = before !== undefined
    this.effects = before ?? new Map()
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
    if (caller.mayPrefer && this.applied.length === 0) await meetPreferences(this.#c.req.header('Prefer'), this.applied)
    if (entered.armed.faults.length > 0) await this.#meetFaults(entered)
  }

  async #find(partition: string, revision: number | undefined): Promise<Entered> {
    const { armed, exact } = recall(this.#c.env, partition)
    if (exact || this.#settled) return { partition, armed, confirmed: true }
    if (revision === undefined) return { partition, armed, confirmed: false }
    return { partition, armed: armed.revision === revision ? armed : await this.#load(partition), confirmed: true }
  }

  async #meetFaults({ partition, armed }: Entered) {
    const { env, req } = this.#c
    const met = { operation: matchedOperation(this.#c), method: req.method }
    this.mutilation = await meetFaults(env, partition, armed.faults, met, this.effects)
  }

  depend(partition: string) {
    const id = foldId(partition)
    const { armed, exact } = recall(this.#c.env, id)
    this.#entered ??= { partition: id, armed, confirmed: exact || this.#settled }
  }

  guardFor(partition: string): Guard | undefined {
    const entered = this.#entered
    if (entered === undefined || entered.confirmed || entered.partition !== foldId(partition)) return undefined
    return onlyRevision(partition, entered.armed.revision, () => {
      entered.confirmed = true
      // Where this isolate is the only one to arm anything, it need not be asked again.
      if (this.#c.env.EMBEDDED) learn(this.#c.env, entered.partition, entered.armed)
    })
  }

  now(partition?: string): Instant {
    if (partition === undefined) return read(this.#entered?.armed.clock ?? { is: 'real' })
    return read(recall(this.#c.env, foldId(partition)).armed.clock)
  }

  /** Whether the request was answered, without the database's word on it, by another revision than is armed. */
  async isOutdated(): Promise<boolean> {
    const entered = this.#entered
    if (entered === undefined || entered.confirmed) return false
    const { revision } = await this.#load(entered.partition)
    entered.confirmed = true
    return revision !== entered.armed.revision
  }

  /** What is armed, as the database has it. */
  async reload() {
    if (this.#entered) await this.#load(this.#entered.partition)
  }

  #load(partition: string): Promise<Armed> {
    return load(this.#c.env, partition)
  }
}
