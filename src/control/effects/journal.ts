// Writes requests down for the tests that look at them afterwards.
import { and, eq, lte, sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { bind } from '../../database/database.ts'
import { DatabaseFailure } from '../../database/failure.ts'
import { deleteFrom, insertSelect } from '../../database/query-builder.ts'
import type { AppEnv } from '../../database/session.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { bodyText } from '../../http/body-text.ts'
import { matchedOperation } from '../../http/contract.ts'
import { parseJson } from '../../http/json-body.ts'
import { readLeniently } from '../../http/lenient-json.ts'
import { describeError } from '../../http/log.ts'
import { timestamp } from '../../http/timestamp.ts'
import { partitions } from '../../partitions/partition.table.ts'
import { journal } from '../control.table.ts'
import { primaryOf } from './armed.ts'
import { maskJson, maskPath } from './mask.ts'
import type { RequestControl } from './request-control.ts'

/** How many requests of a partition are kept. */
export const MAX_ENTRIES = 1000

/** Longer bodies are kept as that much of their text. In characters. */
const MAX_BODY = 8192

/** A request as it is kept, its number aside. */
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

/**
 * Writes the request down before its answer goes out: who has the answer finds the request.
 * @param began milliseconds since the epoch
 */
export async function writeJournal(c: Context<AppEnv>, control: RequestControl, began: number) {
  const { partition, caller } = control
  if (partition === undefined) return
  const url = new URL(c.req.url)
  const entry: JournalEntry = {
    time: `${timestamp(began, 0)}Z`,
    method: c.req.method,
    path: maskPath(url.pathname + url.search),
    operation: matchedOperation(c) ?? null,
    principal: { clientId: caller?.clientId ?? null, userId: caller?.userId ?? null },
    status: c.res.status,
    durationMs: Date.now() - began,
    request: await bodyOf(c.req.raw.headers, () => bodyText(c)),
    response: await bodyOf(c.res.headers, () => c.res.clone().text()),
  }
  try {
    await primaryOf(c.env, partition).batch(
      bind(insertEntry, { partition, entry: JSON.stringify(entry) }),
      bind(dropOldest, { partition, kept: MAX_ENTRIES }),
    )
  } catch (error) {
    // The request is done, and its answer stands.
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

/** The body without its secrets. Only JSON is kept: of anything else it is not known what in it is secret. */
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
