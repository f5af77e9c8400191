// The middleware that answers requests under what is armed for their partitions, where there is a control plane.
import type { Context, Hono, MiddlewareHandler, Next } from 'hono'
import { Interception } from '../../database/request-effects.ts'
import type { AppEnv } from '../../database/session.ts'
import { bodyText } from '../../http/body-text.ts'
import { matchedOperation } from '../../http/contract.ts'
import { MemoryOf } from '../../http/isolate-memory.ts'
import { describeError } from '../../http/log.ts'
import { addRequests, reportUsage } from '../access/meter.ts'
import { primaryOf, TenantChanged } from './armed.ts'
import { ArmedRequest } from './armed-request.ts'
import { mutilate, type Outcomes } from './faults.ts'
import { writeJournal } from './journal.ts'
import { nearMiss } from './near-miss.ts'
import { takeOperationsFrom } from './operation-names.ts'
import { isRefusal, reasonIn } from './refusal-of.ts'
import { journaledPartition } from './refused-request.ts'

/** Requests that were started again, after what is armed for their partition had been loaded, with what faults did to them. */
const restarted = new MemoryOf<Request, Outcomes>('restarted')

/**
 * Stands before all other middleware of `app`. An isolate answers by what it has cached of a partition's armed state. If
 * the database then tells of another revision, the request is started again, so that tests see their faults at once in
 * every isolate. That check travels with the handler's own batch and costs no round trip; only a request that is refused
 * before the database is asked anything pays one for it, in a deployment.
 */
export function applyEffects(app: Hono<AppEnv>): MiddlewareHandler<AppEnv> {
  takeOperationsFrom(app)
  return (c, next) => (c.env.CONTROL_TOKEN ? answerWithEffects(app, c, next) : next())
}

async function answerWithEffects(app: Hono<AppEnv>, c: Context<AppEnv>, next: Next) {
  const began = Date.now()
  const { raw, method } = c.req
  const target = { method, operation: () => matchedOperation(c), prefer: () => c.req.header('Prefer') }
  const request = new ArmedRequest(c.env, target, restarted.get(raw))
  c.set('control', request)
  await next()
  if (c.error instanceof TenantChanged) await request.reload()
  if (c.error instanceof TenantChanged || (await request.isOutdated())) {
    const again = await restart(app, c, request.outcomes)
    if (again) replace(c, again)
    return
  }
  if (request.armed?.metered && request.partition !== undefined) countRequest(c, request.partition)
  for (const preference of request.applied) c.header('Preference-Applied', preference, { append: true })
  await writeDown(c, request, began)
  if (request.mutilation && !(c.error instanceof Interception)) replace(c, await mutilate(c.res, request.mutilation))
}

/** How many requests of a tenant an isolate answers before it reports them, if no write does so before. */
const MAX_UNREPORTED = 100

function countRequest(c: Context<AppEnv>, partition: string) {
  if (addRequests(c.env, partition) < MAX_UNREPORTED) return
  const report = primaryOf(c.env, partition).batch(...reportUsage(c.env, partition))
  c.executionCtx.waitUntil(report.catch((error) => console.error(describeError(error))))
}

/** Writes the request to the journal of its partition, if that keeps one or the request has to be kept. */
async function writeDown(c: Context<AppEnv>, { partition, armed, caller, isKept }: ArmedRequest, began: number) {
  const text = async () => (partition === undefined && isLong(c) ? '' : await bodyText(c))
  const refused = partition === undefined && isRefusal(c.res) ? await journaledPartition(c, text) : undefined
  const into = refused ?? (partition !== undefined && armed ? { partition, armed } : undefined)
  if (!into || !(into.armed.journal || isKept)) return
  const operation = matchedOperation(c)
  await writeJournal(c.env, into.partition, {
    request: c.req,
    requestText: text,
    response: c.res,
    operation,
    caller,
    began,
    headers: into.armed.headers,
    near: isUnserved(c.res, operation) ? nearMiss(c.req.method, c.req.path) : reasonIn(c.res),
  })
}

const isUnserved = ({ status }: Response, operation: string | undefined) =>
  (status === 404 || status === 405) && operation === undefined

/** Nobody has vouched for a refused request: a long body is not read for its sake. In bytes. */
const isLong = (c: Context) => !(Number(c.req.header('Content-Length')) <= 65_536)

function replace(c: Context, response: Response) {
  // Hono copies the headers of the answer before into the new one, unless there is none.
  c.res = undefined
  c.res = response
}

/** Answers the request from the beginning. Undefined if its body cannot be read again: the first answer stands then. */
async function restart(app: Hono<AppEnv>, c: Context<AppEnv>, outcomes: Outcomes): Promise<Response | undefined> {
  const { raw, method, url } = c.req
  try {
    // As bytes: a text would have those replaced that are not UTF-8, and the replacement would be stored.
    const body = raw.body === null ? null : await c.req.arrayBuffer()
    const request = new Request(url, { method, headers: raw.headers, body })
    restarted.set(request, outcomes)
    return await app.fetch(request, c.env, c.executionCtx)
  } catch {
    return undefined
  }
}
