// What is asked of a tenant's journal: the requests that match, their number, and to wait until there are enough of them.
import { and, desc, eq, gt, lt, type SQL, sql } from 'drizzle-orm'
import * as z from 'zod/mini'
import { bind } from '../../database/bound.ts'
import { select } from '../../database/query-builder.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { journal } from '../control.table.ts'
import { loadArmed, primaryOf } from '../effects/armed.ts'
import { type JournalEntry, MAX_ENTRIES } from '../effects/journal.ts'
import { MethodName, OperationName } from '../effects/operation-names.ts'
import { ControlProblem } from '../problem.ts'
import { queryNumber } from './query-number.ts'

const text = z.optional(z.string())

/** Query parameters that choose among the requests; all that are given have to match. */
const filter = {
  /** By the operation's name in the OpenAPI document, such as `Group_UpdateGroup`. */
  operation: z.optional(OperationName),
  method: z.optional(MethodName),
  status: z.optional(z.string().check(z.regex(/^\d{3}$/, 'The value is not valid.'))),
  /** What the path, or its query, contains. */
  path: text,
  /** A client's or a user's id. */
  principal: text,
  /** Only requests after the one of that number. */
  since: queryNumber(0, 999_999_999, 0),
}
const NO_NUMBER = 999_999_999
export const JournalFilter = z.object({
  ...filter,
  /** Only requests with a lower number: those before a page that was read. */
  before: queryNumber(1, NO_NUMBER, NO_NUMBER),
  limit: queryNumber(1, MAX_ENTRIES, 100),
})
export const JournalWait = z.object({
  ...filter,
  count: queryNumber(1, MAX_ENTRIES, 1),
  timeout: queryNumber(0, 60, 10),
})
type Filter = Omit<z.infer<typeof JournalFilter>, 'limit' | 'before'> & { before?: number }

type Values = {
  partition: string
  operation: string | null
  method: string | null
  status: string | null
  path: string | null
  principal: string | null
  since: number
  before: number
}

const part = (path: string) => sql`${journal.entry} ->> ${sql.raw(`'${path}'`)}`

/** The condition for entries that match all the values; null matches any. */
const matches = (v: Slots<Values>): SQL | undefined =>
  and(
    eq(journal.partitionId, v.partition),
    gt(journal.number, v.since),
    lt(journal.number, v.before),
    sql`lower(coalesce(${part('operation')}, '')) = lower(coalesce(${v.operation}, ${part('operation')}, ''))`,
    sql`(${part('method')}) = upper(coalesce(${v.method}, ${part('method')}))`,
    sql`(${part('status')}) = cast(coalesce(${v.status}, ${part('status')}) as integer)`,
    sql`instr(${part('path')}, coalesce(${v.path}, '')) > 0`,
    sql`coalesce(${v.principal} in (${part('$.principal.clientId')}, ${part('$.principal.userId')}), ${v.principal} is null)`,
  )

const selectEntries = statement(
  (v: Slots<Values & { limit: number }>) =>
    select({ number: journal.number, entry: journal.entry })
      .from(journal)
      .where(matches(v))
      .orderBy(desc(journal.number))
      .limit(v.limit),
  { touches: 'partition' },
)

const countEntries = statement(
  (v: Slots<Values>) => select({ count: sql<number>`count(*)` }).from(journal).where(matches(v)),
  { touches: 'partition' },
)

/** The newest entry of all. Another one has another number, or, where the journal was cleared since, another time. */
const selectNewest = statement(
  (v: Slots<{ partition: string }>) =>
    select({ number: journal.number, time: sql<string>`${part('time')}` })
      .from(journal)
      .where(eq(journal.partitionId, v.partition))
      .orderBy(desc(journal.number))
      .limit(1),
  { touches: 'partition' },
)

const valuesOf = (
  partition: string,
  { operation, method, status, path, principal, since, before = NO_NUMBER }: Filter,
): Values => ({
  partition,
  operation: operation ?? null,
  method: method ?? null,
  status: status ?? null,
  path: path ?? null,
  principal: principal ?? null,
  since,
  before,
})

/** The last `limit` requests that match, oldest first, and how many match in all. As JSON. */
export async function readJournal(env: Cloudflare.Env, partition: string, wanted: Filter, limit: number) {
  const look = lookFor(valuesOf(partition, wanted), limit)
  const [rows, [counted]] = await primaryOf(env, partition).batch(...look)
  return textOf(rows, counted?.count ?? 0)
}

const lookFor = (values: Values, limit: number) =>
  [bind(selectEntries, { ...values, limit }), bind(countEntries, values)] as const

/** The entries stay as they were written down: to parse a thousand of them, and to write them anew, holds up all others. */
function textOf(rows: readonly { number: number; entry: string }[], count: number): string {
  const results = rows.toReversed().map(({ number, entry }) => `{"number":${number},${entry.slice(1)}`)
  return `{"results":[${results.join()}],"count":${count}}`
}

/** How many match. */
export async function countJournal(env: Cloudflare.Env, partition: string, wanted: Filter): Promise<number> {
  const counted = await primaryOf(env, partition).first(countEntries, valuesOf(partition, wanted))
  return counted?.count ?? 0
}

/** The time between two looks at the database while a caller waits for requests. In milliseconds. */
const POLL = { embedded: 20, deployed: 250 }

/** What the journal has instead of what was waited for. */
async function describeJournal(env: Cloudflare.Env, partition: string): Promise<string> {
  const rows = await primaryOf(env, partition).all(selectEntries, { ...valuesOf(partition, { since: 0 }), limit: 5 })
  const last = rows.reverse().map(({ entry }): JournalEntry => JSON.parse(entry))
  const told = last.map(({ method, path, status, near }) => `${method} ${path} ${status}${near ? ` (${near})` : ''}`)
  if (told.length > 0) return `its last: ${told.join(', ')}`
  const { journal } = await loadArmed(env, partition)
  return journal ? 'the journal is empty' : 'the journal is empty, and switched off'
}

/**
 * As {@link readJournal}, once there are `wanted.count`. Looks through the journal only when it has changed: each time every entry is
 * read, and others are not answered meanwhile.
 * @throws ControlProblem 408 where there are not enough in time
 */
export async function waitForJournal(env: Cloudflare.Env, partition: string, wanted: z.infer<typeof JournalWait>) {
  const deadline = Date.now() + wanted.timeout * 1000
  const database = primaryOf(env, partition)
  const look = lookFor(valuesOf(partition, wanted), MAX_ENTRIES)
  for (;;) {
    const [rows, [counted], newest] = await database.batch(...look, bind(selectNewest, { partition }))
    const count = counted?.count ?? 0
    if (count >= wanted.count) return textOf(rows, count)
    do {
      const left = deadline - Date.now()
      if (left <= 0) {
        const seen = `There were ${count} such requests in that time, not ${wanted.count}`
        throw new ControlProblem(408, `${seen}; ${await describeJournal(env, partition)}.`)
      }
      await scheduler.wait(Math.min(left, env.EMBEDDED ? POLL.embedded : POLL.deployed))
    } while (isSame(newest, await database.all(selectNewest, { partition })))
  }
}

type Newest = readonly { readonly number: number; readonly time: string }[]

const isSame = ([before]: Newest, [now]: Newest) => before?.number === now?.number && before?.time === now?.time
