// Middleware that measures what a request costs, for callers that ask with `Prefer: timing` and for the request log. A
// request that needs neither is not measured, so that the fastest ones do not pay for it.
import type { Context, MiddlewareHandler, Next } from 'hono'
import { type LoggedEnv, logRequest, logsRequests, SUPERSEDED } from './log.ts'
import { Timing } from './timing.ts'
import { newTrace, TRACE_HEADERS, traceOf } from './trace.ts'

const ASKED = /(?:^|[\s,;])timing(?:$|[\s,;])/i

/**
 * Answers `Prefer: timing` (RFC 7240) with the header Server-Timing, returns the trace that the caller sent, and writes
 * the log line. A request that is logged is given a trace if the caller sent none.
 */
export const observe: MiddlewareHandler<LoggedEnv> = (c, next) => {
  const prefer = c.req.header('Prefer')
  const asked = prefer !== undefined && ASKED.test(prefer)
  const logs = logsRequests(c.env)
  const trace = traceOf((name) => c.req.header(name)) ?? (logs ? newTrace() : undefined)
  return asked || trace !== undefined ? observed(c, next, { asked, logs, trace }) : next()
}

async function observed(
  c: Context<LoggedEnv>,
  next: Next,
  { asked, logs, trace }: { asked: boolean; logs: boolean; trace: string | undefined },
) {
  const timing = new Timing()
  c.set('timing', timing)
  if (trace !== undefined) c.set('traceparent', trace)
  await next()
  if (trace !== undefined) for (const name of TRACE_HEADERS) c.header(name, trace)
  if (asked) {
    c.header('Server-Timing', String(timing))
    c.header('Preference-Applied', 'timing', { append: true })
  }
  if (logs && c.error?.name !== SUPERSEDED) logRequest(c, timing)
}
