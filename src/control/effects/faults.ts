// Faults that meet requests.
import { and, eq, type SQL, sql } from 'drizzle-orm'
import { update } from '../../database/query-builder.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { Interception } from '../../database/tenant-control.ts'
import { JSON_UTF8 } from '../../http/refusal.ts'
import { faults } from '../control.table.ts'
import { primaryOf } from './armed.ts'
import type { Fault } from './fault.schema.ts'
import { statusAnswer } from './status-answer.ts'

/** What a fault does to an answer that is ready. */
export type Mutilation = 'truncate' | 'malformed'

/** A request, as far as faults look at it. */
interface Met {
  readonly operation: string | undefined
  readonly method: string
}

/** What a fault does to a request it meets: answers it, spoils its answer, or nothing. */
type Effect = (() => Response) | Mutilation | undefined

/**
 * What each fault did to one request, by the fault's id. A request that starts again brings them along: it would be counted
 * twice else, and a fault that was to meet one request would have met it before, and let it pass now.
 */
export type Effects = Map<string, Effect>

/**
 * Lets those of `armed` meet a request that it is for, in order, until one ends it.
 * @returns what is to be done to its answer
 * @throws Interception for one that gives an answer of its own
 */
export async function meetFaults(
  env: Cloudflare.Env,
  partition: string,
  armed: readonly Fault[],
  met: Met,
  effects: Effects,
): Promise<Mutilation | undefined> {
  for (const fault of armed) {
    const before = effects.has(fault.id)
    if (!before && !isFor(fault, met)) continue
    const effect = before ? effects.get(fault.id) : await meet(env, partition, fault, met.method)
    effects.set(fault.id, effect)
    if (typeof effect === 'function') throw new Interception(effect())
    if (effect) return effect
  }
  return undefined
}

async function meet(env: Cloudflare.Env, partition: string, fault: Fault, method: string): Promise<Effect> {
  if (fault.kind === 'rateLimit') return limitRate(env, partition, fault, method)
  const hit = await claim(env, partition, fault.id)
  if (hit === undefined || !strikes(fault, hit)) return undefined
  const delay = delayOf(fault)
  if (delay > 0) await scheduler.wait(delay)
  const kind = fault.kind ?? (fault.status === undefined && fault.body === undefined ? undefined : 'status')
  if (kind === 'drop') return dropped
  return kind === 'status' ? () => statusAnswer(fault.status ?? 500, fault) : kind
}

function isFor({ operation, method, expiresAt }: Fault, met: Met): boolean {
  if (expiresAt !== null && expiresAt <= Date.now()) return false
  if (operation !== undefined && operation.toLowerCase() !== met.operation?.toLowerCase()) return false
  return method === undefined || method.toUpperCase() === met.method
}

type FaultKey = { partition: string; fault: string }

const isFault = (v: Slots<FaultKey>) => and(eq(faults.partitionId, v.partition), eq(faults.id, v.fault))

const oneMore = sql`${faults.hits} + 1`

const claimFault = statement(
  (v: Slots<FaultKey>) =>
    update(faults)
      .set({ hits: oneMore })
      .where(and(isFault(v), sql`${faults.hits} < coalesce(${faults.rule} ->> 'times', 9007199254740991)`))
      .returning({ hits: faults.hits }),
  { touches: 'partition' },
)

/** Counts a request the fault meets and returns its number; undefined if it has met all it was to meet. */
async function claim(env: Cloudflare.Env, partition: string, fault: string): Promise<number | undefined> {
  return (await primaryOf(env, partition).first(claimFault, { partition, fault }))?.hits
}

const strikes = ({ probability, seed }: Fault, hit: number) =>
  probability === undefined || random(seed, hit) < probability

function delayOf({ delay }: Fault): number {
  if (delay === undefined || typeof delay === 'number') return delay ?? 0
  return Math.round(delay.min + Math.random() * Math.max(0, delay.max - delay.min))
}

/** The number of that index in the sequence `seed` begins, from 0 to 1 (splitmix32). */
function random(seed: number, index: number): number {
  let value = (seed + Math.imul(index, 0x9e3779b9)) | 0
  value = Math.imul(value ^ (value >>> 16), 0x21f0aaad)
  value = Math.imul(value ^ (value >>> 15), 0x735a2d97)
  return ((value ^ (value >>> 15)) >>> 0) / 2 ** 32
}

/** The runtime closes the connection of an answer that fails before anything of it is sent. */
function dropped(): Response {
  const body = new ReadableStream({
    start(controller) {
      controller.error(new Error('dropped on purpose'))
    },
  })
  return new Response(body)
}

/** The answer, cut off in the middle or no JSON any more. */
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
      // What was enqueued goes out first.
      await scheduler.wait(10)
      controller.error(new Error('cut off on purpose'))
    },
  })
}

/** Real server: requests of an organization in five minutes. */
const LIMITS: Record<string, number> = { GET: 300, POST: 24_000, PUT: 160, PATCH: 160, DELETE: 160 }
const WINDOW = 300

type Counted = FaultKey & { method: string; now: number; window: number }

/** The method's window: another request in it, or a new one with this request, once its time is over. */
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

/** 429 for a request too many. */
async function limitRate(env: Cloudflare.Env, partition: string, fault: Fault, method: string): Promise<Effect> {
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
