// Writes requests and their answers to the journal of a tenant, for tests that look at them afterwards.
import { and, eq, lte, sql } from 'drizzle-orm'
import type { HonoRequest } from 'hono'
import { bind } from '../../database/bound.ts'
import { DatabaseFailure } from '../../database/failure.ts'
import { deleteFrom, insertSelect } from '../../database/query-builder.ts'
import type { Caller } from '../../database/request-effects.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { parseJson } from '../../http/json-body.ts'
import { readLeniently } from '../../http/lenient-json.ts'
import { describeError } from '../../http/log.ts'
import { timestamp } from '../../http/timestamp.ts'
import { traceIdOf, traceOf } from '../../http/trace.ts'
import { partitions } from '../../partitions/partition.table.ts'
import { journal } from '../control.table.ts'
import { primaryOf } from './armed.ts'
import { maskJson, maskPath } from './mask.ts'

/** How many requests a partition's journal keeps; the oldest are dropped. */
export const MAX_ENTRIES = 1000

/** Of a longer body only the beginning is kept, as text. In characters. */
const MAX_BODY = 8192

/** Request headers that a journal always keeps, where they are there. */
const KEPT_HEADERS = ['accept', 'content-type', 'content-length', 'user-agent', 'prefer', 'traceparent']

/** Of a longer header only the beginning is kept. In characters. */
const MAX_HEADER = 1000

/** Whether a header carries a secret, or what stands for one: no journal keeps it, whatever was chosen. */
export const isSecretHeader = (name: string) => /auth|cookie|token|secret|password|key|signature|assertion/i.test(name)

/** A request as the journal keeps it; its number in the journal has a column of its own. */
export interface JournalEntry {
  /** The real time at which it came. */
  time: string
  method: string
  path: string
  query: Record<string, string[]>
  headers: Record<string, string>
  traceId: string | null
  operation: string | null
  principal: { clientId: string | null; userId: string | null }
  status: number
  durationMs: number
  request: unknown
  response: unknown
  near: string | null
}

const newestNumber = (v: Slots<{ partition: string }>) =>
  sql`(select max(${journal.number}) from ${journal} where ${journal.partitionId} = ${v.partition})`

const insertEntry = statement<{ partition: string; entry: string }>(
  (v) =>
    insertSelect(
      journal,
      { partitionId: partitions.id, number: sql`coalesce(${newestNumber(v)}, 0) + 1`, entry: v.entry },
      sql`from ${partitions} where ${partitions.id} = ${v.partition}`,
    ),
  { touches: 'partition' },
)

const dropOldest = statement(
  (v: Slots<{ partition: string; kept: number }>) =>
    deleteFrom(journal).where(
      and(eq(journal.partitionId, v.partition), lte(journal.number, sql`${newestNumber(v)} - ${v.kept}`)),
    ),
  { touches: 'partition' },
)

/** A request that was answered. */
export interface Exchange {
  readonly request: HonoRequest
  /** Reads the text of its body. */
  readonly requestText: () => Promise<string>
  readonly response: Response
  /** The name of the operation it was routed to. */
  readonly operation: string | undefined
  readonly caller: Caller | undefined
  /** When it came. Milliseconds since the epoch. */
  readonly began: number
  /** The request headers to keep beside {@link KEPT_HEADERS}. */
  readonly headers: readonly string[] | undefined
  /** For a request that no operation answered: the one it may have been meant for. */
  readonly near: string | null
}

/**
 * Writes an exchange to the journal, without its secrets. It is called before the answer goes out, so that a test that
 * has its answer finds the request in the journal.
 */
export async function writeJournal(env: Cloudflare.Env, partition: string, exchange: Exchange) {
  const { request, requestText, response, operation, caller, began, headers = [], near } = exchange
  const url = new URL(request.url)
  const path = maskPath(url.pathname + url.search)
  const entry: JournalEntry = {
    time: `${timestamp(began, 0)}Z`,
    method: request.method,
    path,
    query: queryOf(path),
    headers: headersOf(request.raw.headers, headers),
    traceId: traceIdIn(request),
    operation: operation ?? null,
    principal: { clientId: caller?.clientId ?? null, userId: caller?.userId ?? null },
    status: response.status,
    durationMs: Date.now() - began,
    request: await bodyOf(request.raw.headers, requestText),
    response: await bodyOf(response.headers, () => response.clone().text()),
    near,
  }
  try {
    await primaryOf(env, partition).batch(
      bind(insertEntry, { partition, entry: JSON.stringify(entry) }),
      bind(dropOldest, { partition, kept: MAX_ENTRIES }),
    )
  } catch (error) {
    // The request has taken place: an error as its answer would say that it has not. The journal lacks its entry.
    if (!(error instanceof DatabaseFailure)) throw error
    console.error(describeError(error))
  }
}

/** The value of a body, as leniently read as by the operation it was sent to; undefined for what is none. */
function jsonValue(text: string): unknown {
  const parsed = parseJson(text)
  if (parsed) return parsed.value
  const { value, errors } = readLeniently(text)
  return Object.keys(errors).length > 0 ? undefined : value
}

/** The parameters of a path, of which one may stand several times. */
function queryOf(path: string): Record<string, string[]> {
  const pairs = [...new URLSearchParams(path.split('?').slice(1).join('?'))]
  return Object.fromEntries(
    [...Map.groupBy(pairs, ([name]) => name)].map(([name, found]) => [name, found.map(([, value]) => value)]),
  )
}

function headersOf(all: Headers, chosen: readonly string[]): Record<string, string> {
  const names = [...KEPT_HEADERS, ...chosen.filter((name) => !isSecretHeader(name))]
  const kept = names.map((name) => [name, all.get(name)?.slice(0, MAX_HEADER)] as const)
  return Object.fromEntries(kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

function traceIdIn(request: HonoRequest): string | null {
  const trace = traceOf((name) => request.header(name))
  return trace === undefined ? null : traceIdOf(trace)
}

/** The properties of a form that hold no secret, those of a token request. */
const OPEN_FIELDS = ['grant_type', 'client_id', 'scope', 'response_type', 'redirect_uri', 'acr_values']

const formOf = (text: string) =>
  Object.fromEntries([...new URLSearchParams(text)].filter(([name]) => OPEN_FIELDS.includes(name)))

/**
 * A body without its secrets. Only JSON is kept, and of a form the properties that are known to be no secret: in anything
 * else the secrets cannot be told from the rest.
 */
async function bodyOf(headers: Headers, read: () => Promise<string>): Promise<unknown> {
  const type = headers.get('Content-Type') ?? ''
  if (!/json|x-www-form-urlencoded/i.test(type)) return null
  try {
    if (!/json/i.test(type)) return formOf((await read()).slice(0, MAX_BODY))
    const masked = maskJson(jsonValue(await read()))
    const text = JSON.stringify(masked)
    return text.length <= MAX_BODY ? masked : `${text.slice(0, MAX_BODY)}…`
  } catch {
    return null
  }
}
