// Counts the rows and requests of tenants that were made with a team's key, and holds them to its limits. SQLite itself counts
// the rows that a connection changes (`total_changes`): read at both ends of a batch it gives what the batch wrote, at no other
// cost than a row of `tenants` that is written twice.
import { and, eq, isNotNull, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { failUnless, isAbortedBy } from '../../database/abort.ts'
import { type Bound, bind } from '../../database/bound.ts'
import type { Companion } from '../../database/database.ts'
import { select, update } from '../../database/query-builder.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { BoundedMap } from '../../http/bounded-map.ts'
import { MemoryOf } from '../../http/isolate-memory.ts'
import { forbidden } from '../../http/refusal.ts'
import { snapshots, tenants } from '../control.table.ts'

type Partition = { partition: string }

const changes = sql<number>`total_changes()`

const isMetered = (v: Slots<Partition>) => and(eq(tenants.partitionId, v.partition), isNotNull(tenants.maxRows))

const markRows = statement((v: Slots<Partition>) => update(tenants).set({ mark: changes }).where(isMetered(v)), {
  touches: 'partition',
})

// The update that sets the mark is itself a change behind it, and this one is not counted yet.
const countRows = statement(
  (v: Slots<Partition & { requests: number }>) =>
    update(tenants)
      .set({
        rows: sql`${tenants.rows} + ${changes} - ${tenants.mark} - 1`,
        requests: sql`${tenants.requests} + ${v.requests}`,
      })
      .where(isMetered(v)),
  { touches: 'partition' },
)

const countKept = (v: Slots<Partition>) =>
  sql`(select count(*) from ${snapshots} where ${snapshots.partitionId} = ${v.partition})`

const beginAnew = statement(
  (v: Slots<Partition>) =>
    update(tenants)
      .set({ mark: changes, rows: countKept(v) })
      .where(isMetered(v)),
  { touches: 'partition' },
)

const TOO_MANY_AT_ONCE = 'too many rows in one request'
const TOO_MANY = 'too many rows in the tenant'

const isWithin = (v: Slots<Partition>, limit: SQLiteColumn, rows: typeof changes) =>
  sql`not exists (select 1 from ${tenants} where ${tenants.partitionId} = ${v.partition} and ${rows} > ${limit})`

const checkRows = statement<Partition, { atOnce: number; held: number }>(
  (v, row) =>
    sql`select ${row({
      atOnce: failUnless(isWithin(v, tenants.maxRowsAtOnce, sql`${changes} - ${tenants.mark} - 2`), TOO_MANY_AT_ONCE),
      held: failUnless(isWithin(v, tenants.maxRows, sql`${tenants.rows}`), TOO_MANY),
    })}`,
  { touches: 'partition' },
)

/** Counting begins again with this statement: of what is removed before it nothing is counted. Without a limit it does nothing. */
export const countAnew = (partition: string): Bound<unknown> => bind(beginAnew, { partition })

/** The statements that count what the batch before them wrote, and fail it beyond the limits. */
export const endCount = (partition: string, requests = 0): readonly Bound<unknown>[] => [
  bind(countRows, { partition, requests }),
  bind(checkRows, { partition }),
]

/** The refusal for a batch that {@link endCount} failed. Any other error is returned as it is. */
export function explainRows(error: unknown): unknown {
  if (isAbortedBy(error, TOO_MANY_AT_ONCE)) return forbidden('The request would write more rows than one request may.')
  if (isAbortedBy(error, TOO_MANY)) {
    return forbidden('The tenant would hold more rows than its key allows. A reset gives back those written since.')
  }
  return error
}

/** Requests that were answered and are not in the database yet, by partition. */
const unreported = new MemoryOf<D1Database, BoundedMap<string, number>>('requests')
const MAX_PARTITIONS = 10_000

const countsOf = (env: Cloudflare.Env) =>
  unreported.getOrMake(env.DB, () => new BoundedMap<string, number>({ entries: MAX_PARTITIONS }))

/** Counts requests in this isolate; returns how many are not reported. */
export function addRequests(env: Cloudflare.Env, partition: string, added = 1): number {
  const counts = countsOf(env)
  const count = (counts.get(partition) ?? 0) + added
  counts.set(partition, count)
  return count
}

function takeRequests(env: Cloudflare.Env, partition: string): number {
  const counts = countsOf(env)
  const count = counts.get(partition) ?? 0
  counts.delete(partition)
  return count
}

/**
 * Counts the rows of a batch that writes to `partition`, and reports the requests that this isolate has answered since the
 * last one.
 * @param partition in lower case
 */
export function meter(env: Cloudflare.Env, partition: string): Companion {
  const requests = takeRequests(env, partition)
  return {
    before: [bind(markRows, { partition })],
    after: endCount(partition, requests),
    explain: (error) => {
      addRequests(env, partition, requests)
      return explainRows(error)
    },
  }
}

const selectUsage = statement(
  (v: Slots<Partition>) =>
    select({
      ...{ rows: tenants.rows, requests: tenants.requests },
      ...{ maxRows: tenants.maxRows, maxRowsAtOnce: tenants.maxRowsAtOnce },
    })
      .from(tenants)
      .where(isMetered(v)),
  { touches: 'partition' },
)

/** The batch that reports this isolate's requests of `partition` and reads what it has used; its last rows are those. */
export const reportUsage = (env: Cloudflare.Env, partition: string) =>
  [
    bind(markRows, { partition }),
    bind(countRows, { partition, requests: takeRequests(env, partition) }),
    bind(selectUsage, { partition }),
  ] as const
