// `identity-edge/node`: tenants for tests, in a runtime beside the test's own process or in a deployment.
import { ControlClient } from './client/control-client.ts'
import { findOrCreateTenant } from './client/find-tenant.ts'
import { type OptionNames, requireKnown } from './client/known-options.ts'
import type { SeedDocument } from './client/seed-document.ts'
import { removeTenant, TestTenant } from './client/test-tenant.ts'
import { packed } from './packed.ts'
import type { StartOptions } from './start-options.ts'
import { startTestTenant } from './start-test-tenant.ts'

export type { Clock, ClockOptions } from './client/clock.ts'
// biome-ignore lint/performance/noBarrelFile: what a package's one entry has to be
export { ControlError } from './client/control-client.ts'
export type { Fault, Faults } from './client/faults.ts'
export { type Journal, type JournalWait, WaitTimeout } from './client/journal.ts'
export type {
  SeedAccount,
  SeedApplication,
  SeedClient,
  SeedDocument,
  SeedGroup,
  SeedRobotAccount,
  SeedSetting,
  SeedUser,
} from './client/seed-document.ts'
export type { ForkOptions, TestTenant } from './client/test-tenant.ts'
export type {
  ArmedFault,
  ClockReading,
  FaultRule,
  JournalEntry,
  JournalFilter,
  Snapshot,
  TenantClient,
  TenantUser,
  TokenOptions,
} from './client/wire.ts'
export type { StartOptions } from './start-options.ts'

/** Where a tenant is connected to, and how it is made if it is not there. */
export interface ConnectOptions {
  /** The deployment's address: `https://identity-edge.example.workers.dev`. */
  readonly url: string
  /** Its `CONTROL_TOKEN`; `local-control` for `npx identity-edge` unless told otherwise. */
  readonly controlToken: string
  /** The tenant of that name, or a new one; without it, a new one under a name that is made up. */
  readonly name?: string
  /** What a new one begins with: a document, or the path of a JSON file. */
  readonly seed?: SeedDocument | string
  /** Whether a new one writes down its requests, which costs each of them a round trip; true unless told. */
  readonly journal?: boolean
  /** Seconds after which a new one is removed, should nobody stop it; 3,600 unless told. */
  readonly ttl?: number
}

const CONNECT: OptionNames<ConnectOptions> = {
  url: true,
  controlToken: true,
  name: true,
  seed: true,
  journal: true,
  ttl: true,
}

/**
 * Starts a tenant: the Worker on its own runtime beside this process, in about a quarter of a second, with a database
 * that goes when it is stopped. `fork` it for one tenant per test.
 *
 * The runtime ends with this process, and does not keep it from ending.
 *
 * @example
 * ```ts
 * const tenant = await startTenant()
 * // …
 * await tenant.stop()
 * ```
 * @throws TypeError for an option that there is not
 * @throws when the port is taken, the state directory cannot be used, or the seed is not a seed
 */
export function startTenant(options: StartOptions = {}): Promise<TestTenant> {
  return startTestTenant(packed, options)
}

/**
 * Connects to a tenant of a deployment, or of an `identity-edge` that runs elsewhere; makes one if it is not there. Stopping
 * it removes it if it was made here.
 *
 * @example
 * ```ts
 * await using tenant = await connectTenant({ url, controlToken })
 * ```
 * @throws TypeError for an option that there is not
 * @throws ControlError when the control token is wrong (401), or the deployment has no control plane (404)
 */
export async function connectTenant(options: ConnectOptions): Promise<TestTenant> {
  requireKnown('connectTenant', options, CONNECT)
  const { url, controlToken, ttl = 3600, ...request } = options
  if (!URL.canParse(url)) throw new TypeError(`connectTenant: url must be a URL, not ${url}`)
  const control = new ControlClient(url, controlToken)
  const { description, created } = await findOrCreateTenant(control, { ...request, ttl })
  return new TestTenant(control, description, async () => {
    if (created) await removeTenant(control, description.id)
  })
}
