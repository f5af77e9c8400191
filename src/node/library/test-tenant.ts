// A tenant as tests use it: its address, its clients, and the calls of the control plane on it.

import { noSuch } from '../../http/nearest.ts'
import { Clock } from './clock.ts'
import { type ControlClient, tenantPath } from './control-client.ts'
import type { FaultRule } from './fault-rule.ts'
import { type Fault, Faults } from './faults.ts'
import { Journal } from './journal.ts'
import { type OptionNames, requireKnown } from './known-options.ts'
import { readSeed } from './read-seed.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'
import type { SeedDocument } from './seed-document.ts'
import { removeTenant } from './tenants.ts'
import type {
  DumpOptions,
  SignedIn,
  SignInAnswer,
  SignInOptions,
  Snapshot,
  TenantDescription,
  TokenOptions,
} from './wire.ts'

/**
 * How a fork is made.
 *
 * @example
 * ```ts
 * const options: ForkOptions = { name: 'ci-42', ttl: 600 }
 * const fork = await tenant.fork(options)
 * ```
 */
export interface ForkOptions {
  /** The organization's name in URLs: up to 63 letters, digits and inner hyphens. Made up by default. */
  readonly name?: string | undefined
  /**
   * Seconds until the fork is removed if it is not stopped before, from 1 to 31,536,000. By default it stays until then.
   */
  readonly ttl?: number | undefined
  /** Whether the fork keeps a journal, which costs each request a write to the database. True by default. */
  readonly journal?: boolean | undefined
  /** Whether its users may sign in without a password, whatever it was forked from. A local server always allows it. */
  readonly passwordless?: boolean | undefined
  /**
   * Whether the fork comes with a token with all scopes, which the first call of `token()` without options returns: a call
   * less. False by default, as a signature takes as long as the rest of the fork.
   */
  readonly token?: boolean | undefined
}

const FORK: OptionNames<ForkOptions> = { name: true, ttl: true, journal: true, passwordless: true, token: true }
const SIGN_IN: OptionNames<SignInOptions> = { user: true, client: true, scopes: true }
const TOKEN: OptionNames<TokenOptions> = { scopes: true, user: true, claims: true, expiresIn: true, broken: true }
const DUMP: OptionNames<DumpOptions> = { passwordHashes: true }

const DEFAULT_SNAPSHOT = 'default'

/**
 * How another process reaches a tenant: what `connectTenant` takes. It is plain JSON.
 *
 * @example
 * ```ts
 * const connection: TenantConnection = tenant.connection
 * process.env['TENANT'] = JSON.stringify(connection)
 * ```
 */
export interface TenantConnection {
  /** The server's origin. */
  readonly url: string
  /** The key of the server's control plane. */
  readonly controlToken: string
  /** The tenant's name. */
  readonly name: string
}

/**
 * One tenant: a partition with all it has, isolated from other tenants. From `startTenant`, `connectTenant` or `fork`.
 * Every method but `stop` throws a `ControlError` when the tenant no longer exists (404), and an `Error` once it was stopped.
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
  /** The partition's id: the `partitionGlobalId` of API calls. */
  readonly id: string
  /** The organization's name as it stands in URLs. */
  readonly name: string
  /** The tenant's base URL, without a slash at the end: API paths begin with `/identity_` behind it. */
  readonly url: string
  /** Over https, the certificate to trust as PEM (`ca` of Node's TLS options); undefined over http and for a deployment. */
  readonly certificate: string | undefined
  /**
   * A key that opens the control plane for this tenant alone: `connectTenant` takes it in place of the control token. Empty
   * for a tenant that existed before `connectTenant`, as only its hash is stored.
   */
  readonly key: string
  /**
   * The OAuth clients, with their secrets. Empty for a tenant that existed before `connectTenant`: only hashes are stored.
   */
  readonly clients: TenantDescription['clients']
  /** The users it began with, 1,000 at most. Empty for a tenant that existed before `connectTenant`. */
  readonly users: TenantDescription['users']
  /** The requests it has answered. */
  readonly journal: Journal
  /** Its armed faults. */
  readonly faults: Faults
  /** Its clock. */
  readonly clock: Clock
  readonly #server: ControlClient
  /** Ends when this tenant is stopped. */
  readonly #control: ControlClient
  readonly #end: () => Promise<void>
  #ended: Promise<void> | undefined
  /** A token that came with the tenant, until it is asked for. */
  #token: string | undefined

  /** Tests get tenants from `startTenant`, `connectTenant` and `fork`. */
  constructor(control: ControlClient, description: TenantDescription, end: () => Promise<void>) {
    const { id, name, url, key, clients, users, tokens } = description
    this.id = id
    this.name = name
    this.url = url
    this.key = key
    this.certificate = control.certificate
    this.clients = clients
    this.users = users
    this.#server = control
    this.#control = control.forTenant()
    this.journal = new Journal(this.#control, id)
    this.faults = new Faults(this.#control, id)
    this.clock = new Clock(this.#control, id)
    this.#end = end
    this.#token = tokens?.admin
  }

  /**
   * The address and key by which another process reaches this tenant: a test's worker, or a program in another language.
   *
   * @example
   * ```ts
   * const same = await connectTenant(tenant.connection)
   * ```
   */
  get connection(): TenantConnection {
    return { url: this.#control.origin, controlToken: this.#control.token, name: this.name }
  }

  /**
   * Signs an access token for this tenant, by default with all scopes. `claims` takes what the other options refuse.
   *
   * @example
   * ```ts
   * const reader = await tenant.token({ scopes: ['PM.Group.Read'] })
   * const expired = await tenant.token({ broken: 'expired' })
   * const unknownScope = await tenant.token({ claims: { scope: ['Other.Scope'] } })
   * ```
   * @throws TypeError for an unknown option
   * @throws ControlError (400) for an unknown scope, or a user that the tenant does not have
   */
  async token(options: TokenOptions = {}): Promise<string> {
    requireKnown('token', options, TOKEN)
    const given = this.#token
    if (given !== undefined && Object.keys(options).length === 0) {
      this.#token = undefined
      return given
    }
    const { token } = await this.#control.call<{ token: string }>('POST', this.#path('tokens'), { body: options })
    return token
  }

  /**
   * Signs a user in without a browser: the tokens are those that the client would have at the end of a sign-in. The refresh token
   * can be used by the client as any other, and the journal names user and client of what the tokens are sent with.
   *
   * @example
   * ```ts
   * const { accessToken } = await tenant.signIn({ user: 'ada', client: 'my-app', scopes: ['openid', 'PM.User'] })
   * await fetch(`${tenant.url}/identity_/connect/userinfo`, { headers: { authorization: `Bearer ${accessToken}` } })
   * ```
   * @throws TypeError for an unknown option
   * @throws ControlError (400) for a user or client that the tenant does not have, or a scope that the client may not ask for,
   * (409) in a deployment for a tenant that was not made with `passwordless`
   */
  async signIn(options: SignInOptions): Promise<SignedIn> {
    requireKnown('signIn', options, SIGN_IN)
    const answer = await this.#control.call<SignInAnswer>('POST', this.#path('sign-ins'), { body: options })
    return {
      accessToken: answer.access_token,
      ...(answer.id_token !== undefined && { idToken: answer.id_token }),
      ...(answer.refresh_token !== undefined && { refreshToken: answer.refresh_token }),
      expiresIn: answer.expires_in,
      scopes: answer.scope.split(' '),
    }
  }

  /**
   * Makes a new tenant with this one's present data, without its faults, journal and snapshots and with a clock of its own.
   * `stop` removes it.
   *
   * @example
   * ```ts
   * const fork = await tenant.fork()
   * // … a test …
   * await fork.stop()
   * ```
   * @throws TypeError for an unknown option
   * @throws ControlError (400) for a name that is not valid, (409) for one that is taken
   */
  async fork(options: ForkOptions = {}): Promise<TestTenant> {
    requireKnown('fork', options, FORK)
    const { journal = true, token = false, ...rest } = options
    const body = { ...rest, journal, tokens: token ? ['admin'] : [] }
    const fork = await this.#control.call<TenantDescription>('POST', this.#path('fork'), { body })
    const users = fork.users.length > 0 ? fork.users : this.users
    return new TestTenant(this.#server, { ...fork, users }, () => removeTenant(this.#server, fork.id))
  }

  /**
   * Puts back the state the tenant began with, in one transaction; removes its faults, empties its journal and releases its
   * clock.
   *
   * @example
   * ```ts
   * await tenant.reset()
   * ```
   * @throws ControlError (409) for a tenant that was not made on demand, whose first state is not kept
   */
  reset(): Promise<void> {
    return this.#control.call('POST', this.#path('reset'))
  }

  /**
   * Keeps the tenant's data under a name, in the place of an earlier snapshot of that name.
   *
   * @example
   * ```ts
   * await tenant.snapshot('before-import')
   * ```
   * @param name up to 100 letters, digits, `_`, `.` and `-`; `default` by default
   * @throws ControlError (400) for another name
   */
  snapshot(name: string = DEFAULT_SNAPSHOT): Promise<Snapshot> {
    return this.#control.call<Snapshot>('PUT', this.#path('snapshots', name))
  }

  /**
   * Puts back the data of a snapshot, in one transaction. The snapshot stays.
   *
   * @example
   * ```ts
   * await tenant.restore('before-import')
   * ```
   * @param name `default` by default
   * @throws ControlError (404) when there is no snapshot of that name
   */
  restore(name: string = DEFAULT_SNAPSHOT): Promise<void> {
    return this.#control.call('POST', this.#path('snapshots', name, 'restore'))
  }

  /**
   * The tenant's data as a seed document, with secret settings in clear, without clients, and without the hashes of passwords unless
   * they are asked for.
   *
   * @example
   * ```ts
   * const { users = [] } = await tenant.dump()
   * console.log(users.map(({ userName }) => userName))
   * ```
   * @throws TypeError for an unknown option
   */
  dump(options: DumpOptions = {}): Promise<SeedDocument> {
    requireKnown('dump', options, DUMP)
    return this.#control.call<SeedDocument>('GET', this.#path('dump'), { query: { ...options } })
  }

  /**
   * Replaces the tenant's data, in one transaction, by a document or by the one in a JSON file. Returns the names of users whose
   * passwords do not hold on this server and have to be set anew.
   *
   * @example
   * ```ts
   * await tenant.load({ users: [{ userName: 'luna' }] })
   * await tenant.load('./seeds/school.json')
   * ```
   * @param seed a document, or a file's path
   * @throws ControlError (400) for a document that is not valid, (422) for one that contradicts itself. The data is then
   * unchanged.
   * @throws Error when the file cannot be read or is not JSON
   */
  async load(seed: SeedDocument | string): Promise<readonly string[]> {
    const body = await readSeed(seed)
    const loaded = await this.#control.call<{ passwordsToSet?: string[] } | undefined>('PUT', this.#path('dump'), {
      body,
    })
    return loaded?.passwordsToSet ?? []
  }

  /**
   * Arms a fault: from the next request on, those that match `rule` go wrong. The same as `faults.arm`.
   *
   * @example
   * ```ts
   * const fault = await tenant.fault({ operation: 'Setting_UpdateSettings', status: 503, times: 1 })
   * ```
   * @throws TypeError for an unknown property
   * @throws ControlError (400) for an unknown operation or method, or a rule that does nothing or contradicts itself
   */
  fault(rule: FaultRule): Promise<Fault> {
    return this.faults.arm(rule)
  }

  /**
   * Arms the faults of a state that a service can be in: `throttled` (the real service's 300 GET and 160 PUT in five
   * minutes), `unavailable`, `unreachable`, `read-only`, `flaky`, `slow`, `invalid-scope` or `invalid-client`. It lasts until `faults.clear()`.
   *
   * @example
   * ```ts
   * await tenant.scenario('throttled')
   * ```
   * @throws TypeError for an unknown name
   */
  async scenario(name: Scenario): Promise<Fault[]> {
    if (!Object.hasOwn(SCENARIOS, name)) throw new TypeError(noSuch('scenario', name, Object.keys(SCENARIOS)))
    const armed: Fault[] = []
    for (const rule of SCENARIOS[name]) armed.push(await this.faults.arm(rule))
    return armed
  }

  /**
   * Sets which clients may ask for a fault in the request itself, with the header `Prefer: code=503` or `Prefer: delay=250`
   * (milliseconds). It holds for tokens that they get from then on; tokens of `token` always may. Returns the ids of the
   * clients that may.
   *
   * @example
   * ```ts
   * await tenant.allowPrefer('*')
   * const none = await tenant.allowPrefer([])
   * ```
   * @param clients up to 1,000 client ids, or `*` for all clients of the tenant
   * @throws ControlError (400) for a client that the tenant does not have
   */
  async allowPrefer(clients: readonly string[] | '*'): Promise<string[]> {
    const body = { clients }
    const allowed = await this.#control.call<{ clients: string[] }>('PUT', this.#path('prefer'), { body })
    return allowed.clients
  }

  /**
   * Ends the use of the tenant. A tenant of `startTenant` ends its server, and with it all forks; a fork is removed; one of
   * `connectTenant` is removed if that call made it, and stays otherwise. A second call does nothing.
   *
   * @example
   * ```ts
   * await tenant.stop()
   * ```
   */
  stop(): Promise<void> {
    this.#control.end('this tenant was stopped')
    this.#ended ??= this.#end()
    return this.#ended
  }

  /**
   * The same as `stop`, for `await using`.
   *
   * @example
   * ```ts
   * await using fork = await tenant.fork()
   * console.log(fork.url)
   * ```
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  readonly #path = (...rest: readonly string[]) => tenantPath(this.id, ...rest)
}
