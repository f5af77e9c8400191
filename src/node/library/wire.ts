// Tenants, snapshots, tokens and clocks, as the control plane takes and answers them.
// Written out from the control plane's zod schemas, because the package's declarations must not need zod;
// test/node/wire-types.test.ts compares the two.
import type { ScopeName } from './names.ts'

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
  /** The `client_secret`, in clear; empty for a public client. */
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
  /** The team whose key it was made with; null if it was made with the server's control token. */
  readonly team: string | null
  /** When it was made, ISO 8601 in UTC; null for a tenant that was not made on demand. */
  readonly createdAt: string | null
  /** When it is removed, ISO 8601 in UTC; null for never. */
  readonly expiresAt: string | null
}

/** The control plane's answer when it has made a tenant. */
export interface TenantDescription extends TenantSummary {
  /** A key for this tenant alone, which no later answer has. */
  readonly key: string
  /** The tenant's OAuth clients with their secrets, which no later answer has. */
  readonly clients: readonly TenantClient[]
  /** Access tokens, if they were asked for: `admin` with all scopes, `reader` with those that only read. */
  readonly tokens?: { readonly admin?: string | undefined; readonly reader?: string | undefined } | undefined
  /** The first 1,000 users of the tenant. */
  readonly users: readonly TenantUser[]
  /**
   * The names of users of the seed whose passwords do not hold on this server, since their hashes are left out or another server's.
   * Left out if there are none.
   */
  readonly passwordsToSet?: readonly string[] | undefined
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
 * What a dump has in it beside the data.
 *
 * @example
 * ```ts
 * const options: DumpOptions = { passwordHashes: true }
 * await tenant.load(await tenant.dump(options))
 * ```
 */
export interface DumpOptions {
  /**
   * Whether it has the hashes of passwords, which hold on the server that they are from. False by default: passwords then have to be
   * set anew where the dump is loaded.
   */
  readonly passwordHashes?: boolean | undefined
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
  readonly scopes?: readonly ScopeName[] | undefined
  /**
   * The id of the tenant's user who is signed in. Without one the token is a client's. An unknown id is refused with status
   * 400.
   */
  readonly user?: string | undefined
  /** Claims that are added or replaced, whatever they are; null leaves a claim out. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
  /** The lifetime in seconds by the tenant's clock, from 1 to 315,360,000. 3,600 by default. */
  readonly expiresIn?: number | undefined
  /**
   * Makes a token that must be refused: `expired`, `notYetValid`, of another `issuer` or `audience`, `tampered` (changed
   * after it was signed), or with an unknown `kid`.
   */
  readonly broken?: 'expired' | 'notYetValid' | 'issuer' | 'audience' | 'tampered' | 'kid' | undefined
}

/**
 * Who signs in with `signIn`, and for which client.
 *
 * @example
 * ```ts
 * const options: SignInOptions = { user: 'ada', client: 'my-app', scopes: ['openid', 'PM.User', 'offline_access'] }
 * const { accessToken, refreshToken } = await tenant.signIn(options)
 * ```
 */
export interface SignInOptions {
  /** The user's name, email address or id. One that the tenant does not have, or that is deactivated, is refused with 400. */
  readonly user: string
  /**
   * The id of the client that the tokens are for, one of the tenant or of the vendor. By default the tenant's first that users
   * sign in with, or else its first. An unknown one is refused with status 400.
   */
  readonly client?: string
  /**
   * The scopes that the user grants. By default all that the client may ask for, `offline_access` among them; one that it may
   * not is refused with status 400.
   */
  readonly scopes?: readonly ScopeName[]
}

/**
 * A user's tokens, as a client has them at the end of a sign-in.
 *
 * @example
 * ```ts
 * const { accessToken }: SignedIn = await tenant.signIn({ user: 'ada' })
 * ```
 */
export interface SignedIn {
  /** Names user, client and tenant; it holds for an hour by the tenant's clock. */
  readonly accessToken: string
  /** Where `openid` is among the scopes. */
  readonly idToken?: string
  /** Where `offline_access` is among the scopes; it can be used once, within 60 days, at `connect/token`. */
  readonly refreshToken?: string
  /** Seconds until the access token expires. */
  readonly expiresIn: number
  /** The scopes that were granted. */
  readonly scopes: readonly string[]
}

/** The control plane's answer to a sign-in: that of the token endpoint. */
export interface SignInAnswer {
  readonly id_token?: string | undefined
  readonly access_token: string
  readonly expires_in: number
  readonly token_type: 'Bearer'
  readonly refresh_token?: string | undefined
  readonly scope: string
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

/** A team's key, as the control plane lists it. */
export interface TeamKey {
  /** Names it in the log, in the audit table, and to revoke it. It opens nothing. */
  readonly id: string
  readonly team: string | null
  /** ISO 8601 in UTC. */
  readonly createdAt: string
  /** When it ends, ISO 8601 in UTC. */
  readonly expiresAt: string | null
  /** What it may hold. */
  readonly limits: {
    readonly tenants: number
    readonly rows: number
    readonly rowsAtOnce: number
    readonly ttl: number
  }
  /** What it holds. */
  readonly usage: { readonly tenants: number; readonly rows: number; readonly requests: number }
}

/** The control plane's answer when it has made a key. */
export interface MadeKey extends TeamKey {
  /** The key itself, which no later answer has. */
  readonly key: string
}
