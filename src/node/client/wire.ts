// What the control plane takes and answers, as far as its callers handle it. Instants are ISO 8601 in UTC.

/** An OAuth client of a tenant, for `connect/token`. */
export interface TenantClient {
  readonly id: string
  readonly secret: string
  readonly scopes: readonly string[]
  readonly hostAdmin: boolean
}

/** A user of a tenant. */
export interface TenantUser {
  readonly id: string
  readonly userName: string
}

/** A tenant as the control plane lists it. */
export interface TenantSummary {
  /** The partition's id: the `partitionGlobalId` of its calls. */
  readonly id: string
  /** The organization's name as it stands in URLs. */
  readonly name: string
  readonly url: string
  /** Null for one that was not made on demand. */
  readonly createdAt: string | null
  /** When it is removed; null for never. */
  readonly expiresAt: string | null
}

/** A tenant as it is answered when it is made. */
export interface TenantDescription extends TenantSummary {
  readonly clients: readonly TenantClient[]
  /** Ready to use: one that may do everything in the tenant, one that may only read. */
  readonly tokens: { readonly admin: string; readonly reader: string }
  readonly users: readonly TenantUser[]
}

/** A named state of a tenant. */
export interface Snapshot {
  readonly name: string
  /** How many rows it holds. */
  readonly entries: number
  readonly createdAt: string
}

/** What to put into a token. */
export interface TokenOptions {
  /** The scopes it grants; without them, all of them. */
  readonly scopes?: readonly string[]
  /** The id of the user it speaks for; without one it is a client's. */
  readonly user?: string
  /** Claims to add or to overwrite; null leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** In how many seconds it expires. */
  readonly expiresIn?: number
  /** What is to be wrong with it, so that the tenant must refuse it. */
  readonly broken?: 'expired' | 'notYetValid' | 'issuer' | 'audience' | 'tampered' | 'kid'
}

/** A request that a tenant answered. Its bodies are JSON with secrets masked, or null. */
export interface JournalEntry {
  readonly number: number
  readonly time: string
  readonly method: string
  readonly path: string
  /** The operation's id in the OpenAPI document; null where no operation stands. */
  readonly operation: string | null
  /** Who asked; nulls without a token. */
  readonly principal: { readonly clientId: string | null; readonly userId: string | null }
  readonly status: number
  readonly durationMs: number
  readonly request: unknown
  readonly response: unknown
}

/** Which requests of a journal are meant. */
export interface JournalFilter {
  readonly operation?: string
  readonly method?: string
  readonly status?: number
  /** What the path or its query contains. */
  readonly path?: string
  /** A client's or a user's id. */
  readonly principal?: string
  /** Only entries with a greater number. */
  readonly since?: number
  readonly limit?: number
}

/** Which requests go wrong, and how. Without a condition every request of the tenant does. */
export interface FaultRule {
  /** The operation's id in the OpenAPI document. */
  readonly operation?: string
  readonly method?: string
  /**
   * `status`, the default, answers `status` and `body`; `drop` closes the connection, `truncate` cuts the answer short,
   * `malformed` makes its JSON none, `rateLimit` answers 429 with Retry-After beyond a limit.
   */
  readonly kind?: 'status' | 'drop' | 'truncate' | 'malformed' | 'rateLimit'
  readonly status?: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /**
   * Milliseconds before the answer, up to 30,000, fixed or random between two bounds. On its own it delays and changes
   * nothing.
   */
  readonly delay?: number | { readonly min: number; readonly max: number }
  /** How many requests it meets; without it, all until it is removed. */
  readonly times?: number
  /** Above 0, up to 1; with `seed` the same requests are met every time. */
  readonly probability?: number
  readonly seed?: number
  /** Seconds until it is removed. */
  readonly ttl?: number
  /** Of a rate limit: requests in five minutes, of each method; without it, the real service's. */
  readonly limit?: number
}

/** A rule that is armed. */
export interface ArmedFault extends FaultRule {
  readonly id: string
  /** How many requests it met so far. */
  readonly hits: number
}

/** A tenant's clock. */
export interface ClockReading {
  readonly now: string
  readonly frozen: boolean
  /** Whether it shows the real time: nobody has set it. */
  readonly real: boolean
}
