// Applies the faults of a partition to a request.
import { and, eq, type SQL, sql } from 'drizzle-orm'
import { update } from '../../database/query-builder.ts'
import { Interception } from '../../database/request-effects.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { JSON_UTF8 } from '../../http/refusal.ts'
import { faults } from '../control.table.ts'
import { primaryOf } from './armed.ts'
import type { Fault } from './fault.schema.ts'
import { statusAnswer } from './status-answer.ts'

/** What a fault does to the answer of the handler. */
export type Mutilation = 'truncate' | 'malformed'

/** The part of a request that decides which faults apply to it. */
interface Target {
  readonly operation: string | undefined
  readonly method: string
}

/** What a fault does to a request it meets: answers it, spoils its answer, or nothing. */
type Outcome = (() => Response) | Mutilation | undefined

/**
 * What each fault did to one request, by the fault's id. A request that is started again brings them along. Without them
 * it would be counted twice, and a fault that is for one request would be used up by the first start and let the second pass.
 */
export type Outcomes = Map<string, Outcome>

/**
 * Applies those of `armed` that are for the request, in order, until one of them decides its answer.
 *
 * @returns what is to be done to the handler's answer
 * @throws Interception with the answer of a fault that gives its own
 */
export async function meetFaults(
  env: Cloudflare.Env,
  partition: string,
  armed: readonly Fault[],
  target: Target,
  outcomes: Outcomes,
): Promise<Mutilation | undefined> {
  for (const fault of armed) {
    const before = outcomes.has(fault.id)
    if (!before && !isFor(fault, target)) continue
    const outcome = before ? outcomes.get(fault.id) : await meet(env, partition, fault, target.method)
    outcomes.set(fault.id, outcome)
    if (typeof outcome === 'function') throw new Interception(outcome())
    if (outcome) return outcome
  }
  return undefined
}

/** Counts the request against `fault`, waits as it says, and returns what it does. */
async function meet(env: Cloudflare.Env, partition: string, fault: Fault, method: string): Promise<Outcome> {
  if (fault.kind === 'rateLimit') return limitRate(env, partition, fault, method)
  const hit = await countHit(env, partition, fault.id)
  if (hit === undefined || !isChosen(fault, hit)) return undefined
  const delay = delayOf(fault)
  if (delay > 0) await scheduler.wait(delay)
  const kind = fault.kind ?? (fault.status === undefined && fault.body === undefined ? undefined : 'status')
  if (kind === 'drop') return dropped
  return kind === 'status' ? () => statusAnswer(fault.status ?? 500, fault) : kind
}

function isFor({ operation, method, expiresAt }: Fault, target: Target): boolean {
  if (expiresAt !== null && expiresAt <= Date.now()) return false
  if (operation !== undefined && operation.toLowerCase() !== target.operation?.toLowerCase()) return false
  return method === undefined || method.toUpperCase() === target.method
}

type FaultKey = { partition: string; fault: string }

const isFault = (v: Slots<FaultKey>) => and(eq(faults.partitionId, v.partition), eq(faults.id, v.fault))

const oneMore = sql`${faults.hits} + 1`

const claimHit = statement(
  (v: Slots<FaultKey>) =>
    update(faults)
      .set({ hits: oneMore })
      .where(and(isFault(v), sql`${faults.hits} < coalesce(${faults.rule} ->> 'times', 9007199254740991)`))
      .returning({ hits: faults.hits }),
  { touches: 'partition' },
)

/**
 * Counts a request that the fault applies to and returns its number; undefined if there were `times` before it. Counted in
 * the database, so that a fault for one request strikes once even if two isolates see it armed.
 */
async function countHit(env: Cloudflare.Env, partition: string, fault: string): Promise<number | undefined> {
  return (await primaryOf(env, partition).first(claimHit, { partition, fault }))?.hits
}

/** Whether a fault with a probability lets its request of that number fail. */
const isChosen = ({ probability, seed }: Fault, hit: number) =>
  probability === undefined || random(seed, hit) < probability

function delayOf({ delay }: Fault): number {
  if (delay === undefined || typeof delay === 'number') return delay ?? 0
  return Math.round(delay.min + Math.random() * Math.max(0, delay.max - delay.min))
}

/** The random number of that index in the sequence of `seed`, from 0 up to 1 (splitmix32). */
function random(seed: number, index: number): number {
  let value = (seed + Math.imul(index, 0x9e3779b9)) | 0
  value = Math.imul(value ^ (value >>> 16), 0x21f0aaad)
  value = Math.imul(value ^ (value >>> 15), 0x735a2d97)
  return ((value ^ (value >>> 15)) >>> 0) / 2 ** 32
}

/** An answer whose connection breaks: the runtime closes it if the body fails before anything of it is sent. */
function dropped(): Response {
  const body = new ReadableStream({
    start(controller) {
      controller.error(new Error('dropped on purpose'))
    },
  })
  return new Response(body)
}

/** The answer with half of its body: `malformed` ends there, which is no JSON; `truncate` breaks the connection there. */
export async function mutilate(response: Response, mutilation: Mutilation): Promise<Response> {
  const text = await response.text()
  const half = text.slice(0, Math.max(1, text.length >> 1)) || '{'
  const headers = new Headers(response.headers)
  headers.delete('Content-Length')
  const status = text === '' ? 200 : response.status
  if (text === '') headers.set('Content-Type', JSON_UTF8['Content-Type'])
  return new Response(mutilation === 'malformed' ? half : cutOff(half), { status, headers })
}

function cutOff(text: string): ReadableStream {
  let sent = false
  return new ReadableStream({
    async pull(controller) {
      if (!sent) {
        sent = true
        controller.enqueue(new TextEncoder().encode(text))
        return
      }
      // The runtime needs a moment to send the first half; failed at once, it would drop that as well.
      await scheduler.wait(10)
      controller.error(new Error('cut off on purpose'))
    },
  })
}

/** The limits of rateLimit. Real server: so many requests of an organization in five minutes. */
const LIMITS: Record<string, number> = { GET: 300, POST: 24_000, PUT: 160, PATCH: 160, DELETE: 160 }
const WINDOW = 300

type Counted = FaultKey & { method: string; now: number; window: number }

/** The method's window with one request more; a new window with this request, if the last one is over. As JSON. */
function nextWindow({ method, now, window }: Slots<Counted>): SQL {
  const began = sql`${faults.windows} ->> ('$.' || ${method} || '[0]')`
  const count = sql`${faults.windows} ->> ('$.' || ${method} || '[1]')`
  return sql`iif(coalesce(${began}, 0) + ${window} > ${now}, json_array(${began}, (${count}) + 1), json_array(${now}, 1))`
}

const countRequest = statement(
  (v: Slots<Counted>) =>
    update(faults)
      .set({ hits: oneMore, windows: sql`json_set(${faults.windows}, '$.' || ${v.method}, json(${nextWindow(v)}))` })
      .where(isFault(v))
      .returning({ windows: faults.windows }),
  { touches: 'partition' },
)

/** Counts the request in its method's window; 429 if it is beyond the limit. */
async function limitRate(env: Cloudflare.Env, partition: string, fault: Fault, method: string): Promise<Outcome> {
  const limit = fault.limit ?? LIMITS[method]
  if (limit === undefined) return undefined
  const now = Math.floor(Date.now() / 1000)
  const counted = { partition, fault: fault.id, method, now, window: WINDOW }
  const row = await primaryOf(env, partition).first(countRequest, counted)
  if (!row) return undefined
  const windows: Record<string, [number, number]> = JSON.parse(row.windows)
  const [began, count] = windows[method] ?? [now, 0]
  if (count <= limit) return undefined
  const headers = { 'Retry-After': String(Math.max(1, began + WINDOW - now)), ...fault.headers }
  return () => statusAnswer(429, { ...fault, headers })
}
