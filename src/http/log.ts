// The request log of a deployment: one line of JSON for each request. It names the operation, the caller and the costs;
// no part of a body, and nothing that is stored, is ever written to it.
import type { Context } from 'hono'
import { matchedOperation } from './contract.ts'
import { isGuid, sameId } from './identifier.ts'
import type { Timing } from './timing.ts'
import { type TraceVariables, traceIdOf } from './trace.ts'

/** Who made a request, for the log. `Principal` of auth/principal.ts extends it. */
export interface LoggedCaller {
  readonly clientId: string | undefined
  readonly partition: string | undefined
}

/** What of a request's context the log reads; auth/authorize.ts sets the principal, http/observe.ts the rest. */
export interface LoggedEnv {
  Bindings: Cloudflare.Env
  Variables: TraceVariables & {
    timing?: Timing
    principal?: LoggedCaller
    /** A call of the control plane. `key`: the id of the key that it was made with. */
    call?: { readonly key: string | undefined }
  }
}

/**
 * The name of an error after which a request is started again (`TenantChanged` of the control plane). It is not logged,
 * so that a request has one line and not two.
 */
export const SUPERSEDED = 'Superseded'

/** Whether this Worker writes a line for each request. */
export const logsRequests = ({ LOG, EMBEDDED }: Cloudflare.Env) => (LOG ? LOG === 'json' : !EMBEDDED)

/** Writes the line, and a data point where a dataset is bound. */
export function logRequest(c: Context<LoggedEnv>, timing: Timing) {
  const { status } = c.res
  const trace = c.get('traceparent')
  const line = {
    operation: matchedOperation(c),
    method: METHODS.has(c.req.method) ? c.req.method : 'other',
    // A path may have names and ids of what is stored in it: only the log of a local run has it.
    path: c.env.EMBEDDED ? c.req.path : undefined,
    status,
    partition: partitionFor(c, timing.partition),
    client: c.get('principal')?.clientId ?? timing.client,
    key: c.get('call')?.key,
    duration: timing.durations,
    rowsRead: timing.rowsRead,
    rowsWritten: timing.rowsWritten,
    ray: rayOf(c.req.header('CF-Ray')),
    trace: trace && traceIdOf(trace),
    error: status >= 500 && c.error ? describeError(c.error) : undefined,
  }
  if (status >= 500) console.error(JSON.stringify(line))
  else console.log(JSON.stringify(line))
  writeDataPoint(c.env, line)
}

/** Writes a line that names tenants whose time was over and that have been removed. */
export function logRemoval(env: Cloudflare.Env, partitions: readonly string[]) {
  if (logsRequests(env)) console.log(JSON.stringify({ operation: 'removeExpired', removed: partitions }))
}

interface Line {
  operation: string | undefined
  method: string
  status: number
  partition: string | undefined
  client: string | undefined
  duration: Record<string, number>
  rowsRead: number
  rowsWritten: number
}

/** In blobs: operation, method, partition, client. In doubles: status, total, auth, d1, rows read, rows written. */
function writeDataPoint({ ANALYTICS }: Cloudflare.Env, line: Line) {
  const { total = 0, auth = 0, d1 = 0 } = line.duration
  ANALYTICS?.writeDataPoint({
    indexes: [line.partition ?? ''],
    blobs: [line.operation ?? '', line.method, line.partition ?? '', line.client ?? ''],
    doubles: [line.status, total, auth, d1, line.rowsRead, line.rowsWritten],
  })
}

export const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

// Cloudflare's id of the request. Where a client set the header itself it may hold any text, which is not repeated.
export const rayOf = (ray: string | undefined) =>
  ray !== undefined && /^[0-9a-f]{16}(?:-[A-Z]{3})?$/.test(ray) ? ray : undefined

/**
 * The partition to name in the log. What the caller wrote in the place of an id may be any text, a secret too: it is
 * named only if it is a GUID, the token's own partition, or was found.
 */
function partitionFor(c: Context<LoggedEnv>, opened: string | undefined): string | undefined {
  const own = c.get('principal')?.partition
  if (opened === undefined) return own
  const known = isGuid(opened) || (own !== undefined && sameId(own, opened)) || c.res.status < 400
  return known ? opened : undefined
}

/**
 * An error as it may be logged: its message without the values that it quotes, and the first eight lines of its stack.
 *
 * @example
 * console.error(describeError(error))
 */
export function describeError(error: Error) {
  const at = error.stack?.split('\n').filter((line) => /^\s+at /.test(line))
  return {
    name: error.name,
    message: error.message.replace(/['"`].*['"`]/s, "'…'").slice(0, 300),
    at: at?.slice(0, 8).map((line) => line.trim()),
  }
}
