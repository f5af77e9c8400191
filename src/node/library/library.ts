// The package's entry `identity-edge/node`: tenants for tests, on a local server that it starts or on a running one.
import type { StartOptions } from '../config/start-options.ts'
import { packed } from '../local/packed.ts'
import { ControlClient, isHttpUrl } from './control-client.ts'
import { type OptionNames, requireKnown } from './known-options.ts'
import type { SeedDocument } from './seed-document.ts'
import { startTestTenant } from './start-test-tenant.ts'
import { findOrCreateTenant, isTenantKey, nameOfOwn, removeTenant } from './tenants.ts'
import { TestTenant } from './test-tenant.ts'

export type { StartOptions } from '../config/start-options.ts'
export type { Clock, ClockOptions } from './clock.ts'
// biome-ignore lint/performance/noBarrelFile: a package's entry has to export all that its users import
export { ControlError } from './control-client.ts'
export type { ArmedFault, FaultRule } from './fault-rule.ts'
export type { Fault, Faults } from './faults.ts'
export { type Journal, type JournalWait, type RecordOptions, WaitTimeout } from './journal.ts'
export type { JournalEntry, JournalFilter } from './journal-entry.ts'
export type { JournalFormat } from './journal-export.ts'
export type { OperationId, OperationName, ScopeName } from './names.ts'
export type { Scenario } from './scenarios.ts'
export type {
  SeedAccount,
  SeedApplication,
  SeedClient,
  SeedDocument,
  SeedGroup,
  SeedRobotAccount,
  SeedSetting,
  SeedUser,
} from './seed-document.ts'
export type { ForkOptions, TenantConnection, TestTenant } from './test-tenant.ts'
export type {
  ClockReading,
  DumpOptions,
  SignedIn,
  SignInOptions,
  Snapshot,
  TenantClient,
  TenantUser,
  TokenOptions,
} from './wire.ts'

/**
 * Which server `connectTenant` calls, and which tenant on it.
 *
 * @example
 * ```ts
 * const options: ConnectOptions = { url: 'http://127.0.0.1:8787', controlToken: 'local-control', name: 'ci-42', ttl: 600 }
 * const tenant = await connectTenant(options)
 * ```
 */
export interface ConnectOptions {
  /**
   * The server's origin: `https://identity-edge.example.workers.dev`, or `http://127.0.0.1:8787` for `npx identity-edge`.
   */
  readonly url: string
  /**
   * The server's `CONTROL_TOKEN`, for `npx identity-edge` `local-control` by default; or a team's key, which makes and finds
   * the tenants of that team; or the key of one tenant, to which it connects.
   */
  readonly controlToken: string
  /**
   * The name of the tenant, which is made if it does not exist: up to 63 letters, digits and inner hyphens. By default a
   * new one; with the key of a tenant that tenant.
   */
  readonly name?: string | undefined
  /**
   * The first state of a new tenant: a document, or the path of a JSON file. By default the built-in groups and three
   * users.
   */
  readonly seed?: SeedDocument | string | undefined
  /** Whether a new tenant keeps a journal, which costs each request a write to the database. True by default. */
  readonly journal?: boolean | undefined
  /**
   * Whether users of a new tenant may sign in without a password, as `signIn` does. False by default; a local server always
   * allows it.
   */
  readonly passwordless?: boolean | undefined
  /** Seconds until a new tenant is removed if it is not stopped before, from 1 to 31,536,000. 3,600 by default. */
  readonly ttl?: number | undefined
}

const CONNECT: OptionNames<ConnectOptions> = {
  url: true,
  controlToken: true,
  name: true,
  seed: true,
  journal: true,
  passwordless: true,
  ttl: true,
}

/**
 * Starts a local server with one tenant. The server is a process of its own, which runs the same Worker code as a
 * deployment on a database that is removed when the tenant is stopped, unless `stateDir` says where to keep it. Call it
 * once for a test file or a run, and `fork` the tenant for each test.
 *
 * The server ends with this process, however that ends, and does not keep it from ending.
 *
 * @example
 * ```ts
 * const tenant = await startTenant({ seed: { users: [{ userName: 'luna' }] } })
 * const response = await fetch(`${tenant.url}/identity_/api/Group/${tenant.id}`, {
 *   headers: { authorization: `Bearer ${await tenant.token()}` },
 * })
 * await tenant.stop()
 * ```
 * @throws TypeError for an unknown option
 * @throws ControlError (400) for a name or seed that is not valid, (422) for a seed that contradicts itself
 * @throws Error when the port is taken, the state directory cannot be used, or the seed's file cannot be read
 */
export function startTenant(options: StartOptions = {}): Promise<TestTenant> {
  return startTestTenant(packed, options)
}

/**
 * Connects to a tenant on a running server, a deployment or `npx identity-edge`; makes the tenant if it does not exist.
 * `stop` removes it if this call made it.
 *
 * @example
 * ```ts
 * await using tenant = await connectTenant({
 *   url: 'https://identity-edge.example.workers.dev',
 *   controlToken: process.env['CONTROL_TOKEN'] ?? '',
 * })
 * console.log(tenant.url)
 * ```
 * @throws TypeError for an unknown option, or a `url` that is not one
 * @throws ControlError (401) for a wrong control token or key, (403) for more than a key allows, (404) when the server has no control plane, (400) for a name or seed
 * that is not valid, (422) for a seed that contradicts itself
 */
export async function connectTenant(options: ConnectOptions): Promise<TestTenant> {
  requireKnown('connectTenant', options, CONNECT)
  const { url, controlToken, ttl = 3600, ...request } = options
  if (!isHttpUrl(url)) throw new TypeError(`connectTenant: url must be a URL with http:// or https://, not ${url}`)
  const control = new ControlClient(url, controlToken)
  const name = request.name ?? (isTenantKey(controlToken) ? await nameOfOwn(control) : undefined)
  const { description, created } = await findOrCreateTenant(control, { ...request, name, ttl })
  return new TestTenant(control, description, async () => {
    if (created) await removeTenant(control, description.id)
  })
}
