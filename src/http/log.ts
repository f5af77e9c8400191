// One line a request, as JSON, in deployments. It names what was asked by whom and what it cost; what was sent,
// answered or stored never stands in it.
import type { Context } from 'hono'
import { matchedOperation } from './contract.ts'
import { isGuid, sameId } from './identifier.ts'
import type { Timing } from './timing.ts'
import { type TraceVariables, traceIdOf } from './trace.ts'

/** What of a request the log looks at. */
export interface LoggedEnv {
  Bindings: Cloudflare.Env
  Variables: TraceVariables & {
    timing?: Timing
    principal?: { readonly clientId: string | undefined; readonly partition: string | undefined }
  }
}

/** The name of an error after which a request starts again: only what becomes of it then is told. */
export const SUPERSEDED = 'Superseded'

/** Whether this Worker writes a line for each request. */
export const logsRequests = ({ LOG, EMBEDDED }: Cloudflare.Env) => (LOG ? LOG === 'json' : !EMBEDDED)

/** Writes the line, and a data point where a dataset is bound. */
export function logRequest(c: Context<LoggedEnv>, timing: Timing) {
  const { status } = c.res
  const line = {
    operation: matchedOperation(c),
    method: METHODS.has(c.req.method) ? c.req.method : 'other',
    status,
    partition: partitionFor(c, timing.partition),
    client: c.var.principal?.clientId ?? timing.client,
    duration: timing.durations,
    rowsRead: timing.rowsRead,
    rowsWritten: timing.rowsWritten,
    ray: rayOf(c.req.header('CF-Ray')),
    trace: c.var.traceparent && traceIdOf(c.var.traceparent),
    error: status >= 500 && c.error ? describeError(c.error) : undefined,
  }
  if (status >= 500) console.error(JSON.stringify(line))
  else console.log(JSON.stringify(line))
  count(c.env, line)
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
function count({ ANALYTICS }: Cloudflare.Env, line: Line) {
  const { total = 0, auth = 0, d1 = 0 } = line.duration
  ANALYTICS?.writeDataPoint({
    indexes: [line.partition ?? ''],
    blobs: [line.operation ?? '', line.method, line.partition ?? '', line.client ?? ''],
    doubles: [line.status, total, auth, d1, line.rowsRead, line.rowsWritten],
  })
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

// A ray is what Cloudflare writes; elsewhere the header is as good as any text.
const rayOf = (ray: string | undefined) =>
  ray !== undefined && /^[0-9a-f]{16}(?:-[A-Z]{3})?$/.test(ray) ? ray : undefined

/** A text that stands where an id belongs may be anything: only what is one, or the token's own, is repeated. */
function partitionFor(c: Context<LoggedEnv>, opened: string | undefined) {
  const own = c.var.principal?.partition
  if (opened === undefined) return own
  const known = isGuid(opened) || (own !== undefined && sameId(own, opened)) || c.res.status < 400
  return known ? opened : undefined
}

/** What an error says without the values it may quote, and where it was thrown. */
export function describeError(error: Error) {
  const at = error.stack?.split('\n').filter((line) => /^\s+at /.test(line))
  return {
    name: error.name,
    message: error.message.replace(/['"`].*['"`]/s, "'…'").slice(0, 300),
    at: at?.slice(0, 8).map((line) => line.trim()),
  }
}
