// Entries of a tenant's journal, and filters of them, as the control plane has them.
// Written out from the control plane's zod schemas, because the package's declarations must not need zod;
// test/node/wire-types.test.ts compares the two.
import type { OperationName } from './names.ts'

/**
 * A request that a tenant has answered, with its answer. `request` and `response` are the bodies, parsed from JSON, with
 * secrets masked; null for a body that is not JSON. A body of more than 8,192 characters is the first 8,192 of its text and
 * `…`.
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
  /** The parameters of the query, each with its values. */
  readonly query: Readonly<Record<string, readonly string[]>>
  /**
   * Headers of the request: `accept`, `content-type`, `content-length`, `user-agent`, `prefer`, `traceparent` and those of
   * `journal.record(true, { headers })`.
   */
  readonly headers: Readonly<Record<string, string>>
  /** The id of the trace that the caller sent in `traceparent`; null where it sent none. */
  readonly traceId: string | null
  /** The operation's id in the OpenAPI document; null for a path that is no operation. */
  readonly operation: string | null
  /**
   * The caller by the claims of its token: its client and, when one is signed in, its user. Nulls without a valid token.
   */
  readonly principal: { readonly clientId: string | null; readonly userId: string | null }
  /** The status of the answer. */
  readonly status: number
  /** Milliseconds from the request's arrival until its answer was ready. */
  readonly durationMs: number
  /** The request's body. */
  readonly request: unknown
  /** The answer's body. */
  readonly response: unknown
  /**
   * For a request that no operation answers, the one that it is nearest to: `PUT /api/Grup/… is not served;
   * /api/Group/{groupId} is, with PUT`. For a token or an authorization request that was refused, why: `The token expired`.
   * Null for others.
   */
  readonly near: string | null
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
  readonly operation?: OperationName | undefined
  /** The HTTP method, in upper or lower case. One that no operation has is refused with status 400. */
  readonly method?: string | undefined
  /** The status of the answer, three digits. */
  readonly status?: number | undefined
  /** A text that the path or its query contains. */
  readonly path?: string | undefined
  /** The id of the client or of the user that called. */
  readonly principal?: string | undefined
  /** Only entries with a greater number than this. */
  readonly since?: number | undefined
  /** Only entries with a lower number than this, as for the page before one that was read. */
  readonly before?: number | undefined
  /** The newest so many entries, from 1 to 1,000. 100 by default. A count ignores it. */
  readonly limit?: number | undefined
}
