// A tenant as its tests hold it: where it is, who may call it, and everything that can be done to it.
import { readFile } from 'node:fs/promises'
import { messageOf } from '../error-details.ts'
import { Clock } from './clock.ts'
import { type ControlClient, tenantPath, unlessAbsent } from './control-client.ts'
import { type Fault, Faults } from './faults.ts'
import { Journal } from './journal.ts'
import { type OptionNames, requireKnown } from './known-options.ts'
import type { SeedDocument } from './seed-document.ts'
import type { FaultRule, Snapshot, TenantDescription, TokenOptions } from './wire.ts'

/** How a fork is made. */
export interface ForkOptions {
  /** The organization's name in URLs; made up unless told. */
  readonly name?: string
  /** Seconds until it is removed by itself; without it, when it is stopped. */
  readonly ttl?: number
  /** Whether it writes down its requests; true unless told. */
  readonly journal?: boolean
}

const FORK: OptionNames<ForkOptions> = { name: true, ttl: true, journal: true }
const TOKEN: OptionNames<TokenOptions> = { scopes: true, user: true, claims: true, expiresIn: true, broken: true }

const DEFAULT_SNAPSHOT = 'default'

/**
 * One tenant: a partition of its own, which no other tenant sees.
 *
 * @example
 * ```ts
 * await using tenant = await startTenant()
 * const token = await tenant.token({ scopes: ['PM.Group.Read'] })
 * const response = await fetch(`${tenant.url}/identity_/api/Group/${tenant.id}`, {
 *   headers: { authorization: `Bearer ${token}` },
 * })
 * ```
 */
export class TestTenant {
  /** The partition's id: the `partitionGlobalId` of calls. */
  readonly id: string
  /** The organization's name as it stands in URLs. */
  readonly name: string
  /** What stands before `/identity_` in calls to this tenant, without a slash at the end. */
  readonly url: string
  /** The clients `connect/token` knows, with their secrets. None for a tenant that was there before it was connected to. */
  readonly clients: TenantDescription['clients']
  /** The users it began with. None for a tenant that was there before it was connected to. */
  readonly users: TenantDescription['users']
  /** The last requests it answered. */
  readonly journal: Journal
  /** What is armed to go wrong. */
  readonly faults: Faults
  /** The time in it. */
  readonly clock: Clock
  readonly #control: ControlClient
  readonly #end: () => Promise<void>
  #ended: Promise<void> | undefined

  /** Tenants come from `startTenant`, `connectTenant` and `fork`. */
  constructor(control: ControlClient, description: TenantDescription, end: () => Promise<void>) {
    const { id, name, url, clients, users } = description
    this.id = id
    this.name = name
    this.url = url
    this.clients = clients
    this.users = users
    this.journal = new Journal(control, id)
    this.faults = new Faults(control, id)
    this.clock = new Clock(control, id)
    this.#control = control
    this.#end = end
  }

  /**
   * Mints an access token for this tenant: for all scopes unless told, and wrong in one way if wished.
   * @throws ControlError (400) for a scope that there is not, or a user the tenant does not have; `claims` takes any
   */
  async token(options: TokenOptions = {}): Promise<string> {
    requireKnown('token', options, TOKEN)
    const { token } = await this.#control.call<{ token: string }>('POST', this.#path('tokens'), { body: options })
    return token
  }

  /** Makes a tenant of its own that begins as this one stands. Stopping it removes it. */
  async fork(options: ForkOptions = {}): Promise<TestTenant> {
    requireKnown('fork', options, FORK)
    const { journal = true, ...rest } = options
    const body = { ...rest, journal }
    const fork = await this.#control.call<TenantDescription>('POST', this.#path('fork'), { body })
    const users = fork.users.length > 0 ? fork.users : this.users
    return new TestTenant(this.#control, { ...fork, users }, () => removeTenant(this.#control, fork.id))
  }

  /** Back to the seed it began with, with nothing armed, the real time and an empty journal. */
  reset(): Promise<void> {
    return this.#control.call('POST', this.#path('reset'))
  }

  /** Keeps its state under a name of letters, digits, `_`, `.` and `-`, in the place of what was kept there. */
  snapshot(name: string = DEFAULT_SNAPSHOT): Promise<Snapshot> {
    return this.#control.call<Snapshot>('PUT', this.#path('snapshots', name))
  }

  /**
   * Back to a state that was kept.
   * @throws ControlError (404) when there is none of that name
   */
  restore(name: string = DEFAULT_SNAPSHOT): Promise<void> {
    return this.#control.call('POST', this.#path('snapshots', name, 'restore'))
  }

  /** Its whole state, as a seed document. */
  dump(): Promise<SeedDocument> {
    return this.#control.call<SeedDocument>('GET', this.#path('dump'))
  }

  /**
   * Replaces its whole state, in one step, by a document or by the one in a file.
   * @throws ControlError (400) for a document that is none; nothing is changed then
   */
  async load(seed: SeedDocument | string): Promise<void> {
    await this.#control.call('PUT', this.#path('dump'), { body: await readSeed(seed) })
  }

  /** Arms a fault: which requests go wrong, and how. */
  fault(rule: FaultRule): Promise<Fault> {
    return this.faults.arm(rule)
  }

  /**
   * Says whose requests may ask for an answer of their own with `Prefer: code=…` or `delay=…`: clients by id, or all. Their
   * next tokens say so; the tokens of `token` always do. Returns the clients that may.
   */
  async allowPrefer(clients: readonly string[] | '*'): Promise<string[]> {
    const body = { clients }
    const allowed = await this.#control.call<{ clients: string[] }>('PUT', this.#path('prefer'), { body })
    return allowed.clients
  }

  /**
   * The end of it. A fork is removed, a tenant that was started takes its runtime and all its forks along, and of those
   * that were connected to, the ones that were made by it are removed. Calling again is harmless.
   */
  stop(): Promise<void> {
    this.#ended ??= this.#end()
    return this.#ended
  }

  /** As `stop`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  readonly #path = (...rest: readonly string[]) => tenantPath(this.id, ...rest)
}

/** Harmless when it is gone already. */
export async function removeTenant(control: ControlClient, id: string): Promise<void> {
  await unlessAbsent(control.call('DELETE', tenantPath(id)))
}

/**
 * The document itself, or the one in the JSON file of that path.
 * @throws Error naming the file when it is not JSON
 */
export async function readSeed(seed: SeedDocument | string): Promise<SeedDocument> {
  if (typeof seed !== 'string') return seed
  const text = await readFile(seed, 'utf8')
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`${seed} is not JSON: ${messageOf(error)}`)
  }
}
