// Faults of a tenant, as the control plane takes and shows them.
// Written out from the control plane's zod schemas, because the package's declarations must not need zod;
// test/node/wire-types.test.ts compares the two.
import type { OperationName } from './names.ts'

/**
 * A fault: which requests of the tenant go wrong, and how. Without `operation` and `method` all do. A rule needs a `kind`,
 * a `status`, a `body` or a `delay`; one that would do nothing, or that contradicts itself, is refused with status 400.
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
  readonly operation?: OperationName | undefined
  /** The HTTP method, in upper or lower case. */
  readonly method?: string | undefined
  /**
   * `status`, the default, answers with `status` and `body`; `drop` closes the connection without an answer; `rateLimit`
   * answers 429 with Retry-After once there are more requests than `limit`. Requests answered this way have no effect. The
   * other two carry the request out: `truncate` then closes the connection in the middle of the answer, and `malformed`
   * sends a body that is not valid JSON.
   */
  readonly kind?: 'status' | 'drop' | 'truncate' | 'malformed' | 'rateLimit' | undefined
  /** The status to answer with, from 200 to 599. 500 by default. */
  readonly status?: number | undefined
  /** The body to answer with: a string as it is, anything else as JSON. By default the one the API has for that status. */
  readonly body?: unknown | undefined
  /**
   * Headers of the answer, with values of up to 1,000 printable ASCII characters. They need `status`, `body` or `kind:
   * 'status'`.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * Milliseconds to wait before the answer, up to 30,000: a number, or two bounds between which each request's delay is
   * random. Alone, it changes nothing else.
   */
  readonly delay?: number | { readonly min: number; readonly max: number } | undefined
  /** The number of requests it applies to, from 1 to 1,000,000. By default all until it is removed. */
  readonly times?: number | undefined
  /** The probability that a request goes wrong, above 0 and up to 1. 1 by default. */
  readonly probability?: number | undefined
  /** A whole number that determines which requests go wrong, so that a test repeats. It needs `probability`. */
  readonly seed?: number | undefined
  /** Seconds until it is removed, from 1 to 2,592,000. By default it stays. */
  readonly ttl?: number | undefined
  /**
   * For `rateLimit`: how many requests of each method are answered in five minutes, up to 1,000,000. By default as many as
   * in the real service.
   */
  readonly limit?: number | undefined
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
export interface ArmedFault extends Omit<FaultRule, 'operation'> {
  /** The operation's id in the OpenAPI document. */
  readonly operation?: string | undefined
  /** The fault's id. */
  readonly id: string
  /** The number of requests it has matched so far. */
  readonly hits: number
}
