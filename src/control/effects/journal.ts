// Writes requests and their answers to the journal of a tenant, for tests that look at them afterwards.
import { and, eq, lte, sql } from 'drizzle-orm'
import type { HonoRequest } from 'hono'
import { bind } from '../../database/database.ts'
import { DatabaseFailure } from '../../database/failure.ts'
import { deleteFrom, insertSelect } from '../../database/query-builder.ts'
import type { Caller } from '../../database/request-effects.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { parseJson } from '../../http/json-body.ts'
import { readLeniently } from '../../http/lenient-json.ts'
import { describeError } from '../../http/log.ts'
import { timestamp } from '../../http/timestamp.ts'
import { partitions } from '../../partitions/partition.table.ts'
import { journal } from '../control.table.ts'
import { primaryOf } from './armed.ts'
import { maskJson, maskPath } from './mask.ts'

/** How many requests a partition's journal keeps; the oldest are dropped. */
export const MAX_ENTRIES = 1000

/** Of a longer body only the beginning is kept, as text. In characters. */
const MAX_BODY = 8192

/** A request as the journal keeps it; its number in the journal has a column of its own. */
export interface JournalEntry {
  /** The real time at which it came. */
  time: string
  method: string
  path: string
  operation: string | null
  principal: { clientId: string | null; userId: string | null }
  status: number
  durationMs: number
  request: unknown
  response: unknown
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
}

/**
 * Writes an exchange to the journal, without its secrets. It is called before the answer goes out, so that a test that
 * has its answer finds the request in the journal.
 */
export async function writeJournal(env: Cloudflare.Env, partition: string, exchange: Exchange) {
  const { request, requestText, response, operation, caller, began } = exchange
  const url = new URL(request.url)
  const entry: JournalEntry = {
    time: `${timestamp(began, 0)}Z`,
    method: request.method,
    path: maskPath(url.pathname + url.search),
    operation: operation ?? null,
    principal: { clientId: caller?.clientId ?? null, userId: caller?.userId ?? null },
    status: response.status,
    durationMs: Date.now() - began,
    request: await bodyOf(request.raw.headers, requestText),
    response: await bodyOf(response.headers, () => response.clone().text()),
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

/** A body without its secrets. Only JSON is kept, since in anything else the secrets cannot be told from the rest. */
async function bodyOf(headers: Headers, read: () => Promise<string>): Promise<unknown> {
  if (!/json/i.test(headers.get('Content-Type') ?? '')) return null
  try {
    const masked = maskJson(jsonValue(await read()))
    const text = JSON.stringify(masked)
    return text.length <= MAX_BODY ? masked : `${text.slice(0, MAX_BODY)}…`
  } catch {
    return null
  }
}
