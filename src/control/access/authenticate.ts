// The middleware that all calls of the control plane pass: it leaves a row of each in the audit table, and lets in who has the
// control token or a key.
import type { Context, Next } from 'hono'
import { limitWrongToken } from '../../connect/limit-rate.ts'
import { openMain } from '../../database/session.ts'
import { BoundedMap } from '../../http/bounded-map.ts'
import { matchedContract, matchedOperation } from '../../http/contract.ts'
import { MemoryOf } from '../../http/isolate-memory.ts'
import { describeError, METHODS, rayOf } from '../../http/log.ts'
import { isExpired } from '../../partitions/expiry.ts'
import { answerProblem, ControlProblem } from '../problem.ts'
import { ControlCall, type ControlEnv, UNKNOWN_CALLER } from './call.ts'
import { callerWith, mayCall, ROOT, wrongKind } from './caller.ts'
import { findKeyByHash, type KeyRow } from './key.queries.ts'
import { keyHash } from './key-format.ts'

/** Operations without rows in the audit table: the Cron's, each minute, which leaves one for each tenant that it removes. */
const UNAUDITED: ReadonlySet<string | undefined> = new Set(['removeExpired'])

/** Stands before {@link authenticate}, so that refused calls leave a row as well. */
export async function auditCalls(c: Context<ControlEnv>, next: Next) {
  const { method } = c.req
  const call = new ControlCall(c.env, {
    method: METHODS.has(method) ? method : 'other',
    ray: rayOf(c.req.header('CF-Ray')) ?? null,
    operation: () => matchedOperation(c),
    success: () => successOf(matchedContract(c)),
    requested: /\/tenants\/([^/]+)/.exec(c.req.path)?.[1],
  })
  c.set('call', call)
  await next()
  const { status } = c.res
  if (status < 400 && UNAUDITED.has(matchedOperation(c))) return
  if (call.isAnonymous && !mayAuditAnonymous(c.env)) return
  const row = call.audit(status)
  const changesNothing = status >= 400 || method === 'GET' || method === 'HEAD'
  if (call.isAudited || changesNothing) c.executionCtx.waitUntil(row.catch((error) => logFailure(error, status)))
  else c.res = await row.then(() => c.res).catch(() => answerProblem(503, UNAUDITED_CHANGE, { 'Retry-After': '2' }))
}

/** Says that a call has no row, unless it failed itself, in all likelihood for the same reason. */
function logFailure(error: Error, status: number) {
  if (status < 500) console.error(JSON.stringify({ operation: 'audit', error: describeError(error) }))
}

const UNAUDITED_CHANGE = 'The call could not be written to the audit table. A read tells what took place.'

const successOf = ({ status, answer }: { status?: number; answer?: unknown } = {}) => status ?? (answer ? 200 : 204)

/** Rows of calls without a key: so many at once, and then one in each of these milliseconds, in an isolate. */
const ANONYMOUS_ROWS = 60
const ANONYMOUS_INTERVAL = 60_000

const anonymousRows = new MemoryOf<D1Database, { left: number; at: number }>('refusedCalls')

/** Whether a call without a key leaves a row: otherwise anybody could use up the database's rows of the day. */
function mayAuditAnonymous({ DB }: Cloudflare.Env): boolean {
  const at = Date.now()
  const before = anonymousRows.get(DB) ?? { left: ANONYMOUS_ROWS, at }
  const left = Math.min(ANONYMOUS_ROWS, before.left + (at - before.at) / ANONYMOUS_INTERVAL)
  anonymousRows.set(DB, { left: left < 1 ? left : left - 1, at })
  return left >= 1
}

/**
 * Lets in who has the control token or a key that is enough for the operation. A key is looked up when an isolate sees it
 * first; from then on each batch on the main database checks that it is not revoked, at no round trip of its own.
 * @throws ControlProblem 401, Refusal 403
 */
export async function authenticate(c: Context<ControlEnv>, next: Next) {
  const [, token = ''] = /^bearer +(\S+) *$/i.exec(c.req.header('Authorization') ?? '') ?? []
  const isRoot = isControlToken(token, c.env)
  const hash = isRoot ? undefined : await keyHash(token)
  const key = hash === undefined ? undefined : await findKey(c, hash)
  if (!isRoot && (!key || isExpired(key))) {
    // What a refused request asks for is in the log as well, by the operation and, if it is a GUID, the tenant.
    c.get('timing')?.note({ partition: /\/tenants\/([^/]+)/.exec(c.req.path)?.[1] })
    await limitWrongToken(c)
    throw new ControlProblem(401, UNKNOWN_CALLER)
  }
  const call = c.get('call')
  call.authenticated(key ? callerWith(key) : ROOT, () => {
    if (hash !== undefined) keysOf(c.env).delete(hash)
  })
  const contract = matchedContract(c)
  const isAllowed = contract === undefined || mayCall(call.caller, contract)
  if (isAllowed) await next()
  // A call that sent no batch to the main database has not been checked: the one of a revoked key must not be answered.
  if (!call.isConfirmed) await openMain(c).batch()
  if (!isAllowed) throw wrongKind(contract)
}

const utf8 = new TextEncoder()

/** Whether it is the control token. Takes as long for every text of the same length, so that time does not tell its characters. */
function isControlToken(token: string, { CONTROL_TOKEN }: Cloudflare.Env): boolean {
  if (!CONTROL_TOKEN) return false
  const [given, expected] = [utf8.encode(token), utf8.encode(CONTROL_TOKEN)]
  return given.length === expected.length && crypto.subtle.timingSafeEqual(given, expected)
}

/** Keys by their hashes, as they were when this isolate looked them up. */
const knownKeys = new MemoryOf<D1Database, BoundedMap<string, KeyRow>>('controlKeys')
const MAX_KEYS = 1000

const keysOf = ({ DB }: Cloudflare.Env) =>
  knownKeys.getOrMake(DB, () => new BoundedMap<string, KeyRow>({ entries: MAX_KEYS }))

async function findKey(c: Context<ControlEnv>, hash: string): Promise<KeyRow | undefined> {
  const known = keysOf(c.env).get(hash)
  if (known) return known
  const found = await findKeyByHash(openMain(c), hash)
  if (found) keysOf(c.env).set(hash, found)
  return found
}
