// The bodies of the control plane's requests and answers, as far as its callers use them. These types are the control plane's
// zod schemas written out, because the package's declarations must not need zod; test/node/wire-types.test.ts compares the two.

/**
 * An OAuth client of a tenant.
 *
 * @example
 * ```ts
 * const [client] = tenant.clients
 * const response = await fetch(`${tenant.url}/identity_/connect/token`, {
 *   method: 'POST',
 *   body: new URLSearchParams({
 *     grant_type: 'client_credentials',
 *     client_id: client?.id ?? '',
 *     client_secret: client?.secret ?? '',
 *   }),
 * })
 * ```
 */
export interface TenantClient {
  /** The `client_id`. */
  readonly id: string
  /** The `client_secret`, in clear. */
  readonly secret: string
  /** The scopes it may ask for. */
  readonly scopes: readonly string[]
  /** Whether it may act on all partitions. Always false for a tenant that was made on demand. */
  readonly hostAdmin: boolean
}

/**
 * A user of a tenant.
 *
 * @example
 * ```ts
 * const ada = tenant.users.find(({ userName }) => userName === 'ada')
 * const token = await tenant.token(ada ? { user: ada.id } : {})
 * ```
 */
export interface TenantUser {
  /** The user's id, as `token` takes it in `user`. */
  readonly id: string
  /** The name the user signs in with. */
  readonly userName: string
}

/** A tenant as the control plane lists it. */
export interface TenantSummary {
  /** The partition's id: the `partitionGlobalId` of API calls. */
  readonly id: string
  /** The organization's name as it stands in URLs. */
  readonly name: string
  /** The tenant's base URL, without a slash at the end: API paths begin with `/identity_` behind it. */
  readonly url: string
  /** When it was made, ISO 8601 in UTC; null for a tenant that was not made on demand. */
  readonly createdAt: string | null
  /** When it is removed, ISO 8601 in UTC; null for never. */
  readonly expiresAt: string | null
}

/** The control plane's answer when it has made a tenant. */
export interface TenantDescription extends TenantSummary {
  /** The tenant's OAuth clients with their secrets, which no later answer has. */
  readonly clients: readonly TenantClient[]
  /** Access tokens: `admin` with all scopes, `reader` with those that only read. */
  readonly tokens: { readonly admin: string; readonly reader: string }
  /** The first 1,000 users of the tenant. */
  readonly users: readonly TenantUser[]
}

/**
 * A named state of a tenant, kept by `snapshot`.
 *
 * @example
 * ```ts
 * const { name, entries }: Snapshot = await tenant.snapshot('before-import')
 * await tenant.restore(name)
 * ```
 */
export interface Snapshot {
  /** The name to restore it by. */
  readonly name: string
  /** The number of rows it holds. */
  readonly entries: number
  /** When it was taken, ISO 8601 in UTC. */
  readonly createdAt: string
}

/**
 * The content of an access token of `token`.
 *
 * @example
 * ```ts
 * const options: TokenOptions = { scopes: ['PM.Group.Read'], expiresIn: 60 }
 * const token = await tenant.token(options)
 * ```
 */
export interface TokenOptions {
  /** The scopes it grants. All that exist by default; an unknown one is refused with status 400. */
  readonly scopes?: readonly string[]
  /** The id of the tenant's user who is signed in. Without one the token is a client's. An unknown id is refused with status 400. */
  readonly user?: string
  /** Claims that are added or replaced, whatever they are; null leaves a claim out. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** The lifetime in seconds by the tenant's clock, from 1 to 315,360,000. 3,600 by default. */
  readonly expiresIn?: number
  /**
   * Makes a token that must be refused: `expired`, `notYetValid`, of another `issuer` or `audience`, `tampered` (changed after it
   * was signed), or with an unknown `kid`.
   */
  readonly broken?: 'expired' | 'notYetValid' | 'issuer' | 'audience' | 'tampered' | 'kid'
}

/**
 * A request that a tenant has answered, with its answer. `request` and `response` are the bodies, parsed from JSON, with secrets
 * masked; null for a body that is not JSON. A body of more than 8,192 characters is the first 8,192 of its text and `…`.
 *
 * @example
 * ```ts
 * const entries: JournalEntry[] = await tenant.journal.entries({ method: 'PUT' })
 * for (const { method, path, status } of entries) console.log(method, path, status)
 * ```
 */
export interface JournalEntry {
  /** Counts up in the order in which requests were answered. It goes into `since`. */
  readonly number: number
  /** When the request came by the real time, not the tenant's: ISO 8601 in UTC with up to seven fractional digits. */
  readonly time: string
  /** The HTTP method, in upper case. */
  readonly method: string
  /** The path with its query. */
  readonly path: string
  /** The operation's id in the OpenAPI document; null for a path that is no operation. */
  readonly operation: string | null
  /** The caller by the claims of its token: its client and, when one is signed in, its user. Nulls without a valid token. */
  readonly principal: { readonly clientId: string | null; readonly userId: string | null }
  /** The status of the answer. */
  readonly status: number
  /** Milliseconds from the request's arrival until its answer was ready. */
  readonly durationMs: number
  /** The request's body. */
  readonly request: unknown
  /** The answer's body. */
  readonly response: unknown
}

/**
 * Selects requests of a journal: those that match all properties given.
 *
 * @example
 * ```ts
 * const filter: JournalFilter = { operation: 'Group_UpdateGroup', status: 200 }
 * const updates = await tenant.journal.count(filter)
 * ```
 */
export interface JournalFilter {
  /** The operation's id in the OpenAPI document, in upper or lower case. An unknown one is refused with status 400. */
  readonly operation?: string
  /** The HTTP method, in upper or lower case. One that no operation has is refused with status 400. */
  readonly method?: string
  /** The status of the answer, three digits. */
  readonly status?: number
  /** A text that the path or its query contains. */
  readonly path?: string
  /** The id of the client or of the user that called. */
  readonly principal?: string
  /** Only entries with a greater number than this. */
  readonly since?: number
  /** The newest so many entries, from 1 to 1,000. 100 by default. A count ignores it. */
  readonly limit?: number
}

/**
 * A fault: which requests of the tenant go wrong, and how. Without `operation` and `method` all do. A rule needs a `kind`, a
 * `status`, a `body` or a `delay`; one that would do nothing, or that contradicts itself, is refused with status 400.
 *
 * @example
 * ```ts
 * const unavailable: FaultRule = { operation: 'Group_UpdateGroup', status: 503, headers: { 'Retry-After': '1' }, times: 2 }
 * const slow: FaultRule = { method: 'GET', delay: { min: 100, max: 500 } }
 * await tenant.fault(unavailable)
 * await tenant.fault(slow)
 * ```
 */
export interface FaultRule {
  /** The operation's id in the OpenAPI document, in upper or lower case. */
  readonly operation?: string
  /** The HTTP method, in upper or lower case. */
  readonly method?: string
  /**
   * `status`, the default, answers with `status` and `body`; `drop` closes the connection without an answer; `rateLimit` answers
   * 429 with Retry-After once there are more requests than `limit`. Requests answered this way have no effect. The other two carry the
   * request out: `truncate` then closes the connection in the middle of the answer, and `malformed` sends a body that is not valid JSON.
   */
  readonly kind?: 'status' | 'drop' | 'truncate' | 'malformed' | 'rateLimit'
  /** The status to answer with, from 200 to 599. 500 by default. */
  readonly status?: number
  /** The body to answer with: a string as it is, anything else as JSON. By default the one the API has for that status. */
  readonly body?: unknown
  /** Headers of the answer, with values of up to 1,000 printable ASCII characters. They need `status`, `body` or `kind: 'status'`. */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * Milliseconds to wait before the answer, up to 30,000: a number, or two bounds between which each request's delay is random.
   * Alone, it changes nothing else.
   */
  readonly delay?: number | { readonly min: number; readonly max: number }
  /** The number of requests it applies to, from 1 to 1,000,000. By default all until it is removed. */
  readonly times?: number
  /** The probability that a request goes wrong, above 0 and up to 1. 1 by default. */
  readonly probability?: number
  /** A whole number that determines which requests go wrong, so that a test repeats. It needs `probability`. */
  readonly seed?: number
  /** Seconds until it is removed, from 1 to 2,592,000. By default it stays. */
  readonly ttl?: number
  /** For `rateLimit`: how many requests of each method are answered in five minutes, up to 1,000,000. By default as many as in the real service. */
  readonly limit?: number
}

/**
 * A fault that is armed.
 *
 * @example
 * ```ts
 * const armed: ArmedFault[] = await tenant.faults.list()
 * console.log(armed.map(({ id, operation, hits }) => `${id} ${operation} ${hits}`))
 * ```
 */
export interface ArmedFault extends FaultRule {
  /** The fault's id. */
  readonly id: string
  /** The number of requests it has matched so far. */
  readonly hits: number
}

/**
 * The state of a tenant's clock.
 *
 * @example
 * ```ts
 * const { now, frozen }: ClockReading = await tenant.clock.read()
 * ```
 */
export interface ClockReading {
  /** The tenant's time: ISO 8601 in UTC with up to seven fractional digits, `2021-10-20T12:00:00.1234567Z`. */
  readonly now: string
  /** Whether it stands still. */
  readonly frozen: boolean
  /** Whether it shows the real time, because it was never set or was released. */
  readonly real: boolean
}
