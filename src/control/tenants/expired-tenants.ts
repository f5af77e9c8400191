// Tenants whose time is over: removed by the Cron, in local runs by a sweep, and at once where their names are needed.
import { sql } from 'drizzle-orm'
import { clients } from '../../connect/client.table.ts'
import { bind } from '../../database/bound.ts'
import { databaseOf, databasesOf, MAIN } from '../../database/placement.ts'
import { deleteFrom, select } from '../../database/query-builder.ts'
import type { RequestDatabases } from '../../database/session.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { MemoryOf } from '../../http/isolate-memory.ts'
import { logRemoval } from '../../http/log.ts'
import { partitions } from '../../partitions/partition.table.ts'
import { dropAgedAudit, insertRemovalsOf } from '../access/audit.queries.ts'
import { tenants } from '../control.table.ts'
import { evictArmed } from '../effects/armed-cache.ts'

const deletePartitions = statement((v: Slots<{ ids: string }>) =>
  deleteFrom(partitions).where(sql`${partitions.id} in (select value from json_each(${v.ids}))`),
)

/**
 * The most tenants of one removal, with two statements for 50 of them, or three where there are several databases: within
 * D1's 50 queries an invocation.
 */
const MAX_REMOVED = { one: 1000, several: 700 }
/** The most tenants of one statement: within D1's 30 s a statement. */
const MAX_AT_ONCE = 50

const inChunks = (ids: readonly string[]) =>
  Array.from({ length: Math.ceil(ids.length / MAX_AT_ONCE) }, (_, index) =>
    ids.slice(index * MAX_AT_ONCE, (index + 1) * MAX_AT_ONCE),
  )

/**
 * Removes tenants with all they have, by a number of statements that is bounded by their number over 50.
 * @throws what went wrong first, after the others have been removed
 */
async function removeAll(env: Cloudflare.Env, databases: RequestDatabases, ids: readonly string[]) {
  const held = Map.groupBy(ids, (id) => databaseOf(env, id).name)
  const failed: unknown[] = []
  for (const [name, here] of held) {
    const [first = ''] = here
    for (const chunk of inChunks(here)) {
      try {
        // The main database goes last: what is listed there is removed again by the next run if this one fails half-way.
        const ids = JSON.stringify(chunk)
        if (name !== MAIN) await databases.holding(first).all(deletePartitions, { ids })
        await databases.main().batch(insertRemovalsOf(chunk), bind(deletePartitions, { ids }))
        logRemoval(env, chunk)
      } catch (error) {
        failed.push(error)
      }
    }
  }
  for (const id of ids) evictArmed(env, id)
  if (failed.length > 0) throw failed[0]
}

// A time of 0 is that of tenants that have ended already, and of those that are being made (make-in-steps.ts).
const selectExpired = statement((v: Slots<{ now: number; most: number }>) =>
  select({ id: tenants.partitionId })
    .from(tenants)
    .where(sql`${tenants.expiresAt} between 1 and ${v.now}`)
    .orderBy(tenants.expiresAt)
    .limit(v.most),
)

/** Removes the tenants whose time is over, at most 1,000, and rows of the audit table that are too old. */
export async function removeExpired(env: Cloudflare.Env, databases: RequestDatabases) {
  await dropAgedAudit(databases.main())
  const most = databasesOf(env).length > 1 ? MAX_REMOVED.several : MAX_REMOVED.one
  const expired = await databases.main().all(selectExpired, { now: Date.now(), most })
  await removeAll(
    env,
    databases,
    expired.map(({ id }) => id),
  )
}

const selectExpiredOf = statement<{ name: string; clients: string; now: number }, { id: string }>(
  (v, row) => sql`
    select ${row({ id: tenants.partitionId })} from ${tenants}
    where ${tenants.expiresAt} <= ${v.now} and ${tenants.partitionId} in (
      select ${partitions.id} from ${partitions} where ${partitions.name} = ${v.name} union all
      select ${clients.partitionId} from ${clients} where ${clients.id} in (select value from json_each(${v.clients})))`,
)

/**
 * Removes the tenants whose time is over and that have that name, or one of those clients. False if there are none: then
 * whoever has them is in its time.
 */
export async function freeNames(env: Cloudflare.Env, databases: RequestDatabases, name: string, clientIds: string[]) {
  const values = { name, clients: JSON.stringify(clientIds), now: Date.now() }
  const expired = await databases.main().all(selectExpiredOf, values)
  await removeAll(
    env,
    databases,
    expired.map(({ id }) => id),
  )
  return expired.length > 0
}

const selectNextExpiry = statement((_: Slots<Record<never, never>>) =>
  select({ at: sql<number | null>`min(${tenants.expiresAt})` })
    .from(tenants)
    .where(sql`${tenants.expiresAt} > 0`),
)

/** When this isolate last looked for expired tenants in a database. Milliseconds since the epoch; 0: no sweep runs. */
const lastSweeps = new MemoryOf<D1Database, number>('sweeps')

/** The longest time between two looks, as a tenant made meanwhile may expire before the one waited for. In milliseconds. */
const SWEEP_INTERVAL = 500

/** Whether this isolate ever swept. Its first request to the control plane does, for what expired before it began. */
export const hasSwept = ({ DB }: Cloudflare.Env) => lastSweeps.has(DB)

/**
 * Removes tenants as soon as their time is over, until none is left that has one. For local runs, which have no Cron
 * trigger. One sweep runs in an isolate at a time; the mark of a sweep expires, since the request that runs it may be cut
 * off and would leave all later tenants unremoved.
 */
export async function sweep(env: Cloudflare.Env, databases: RequestDatabases) {
  const { DB } = env
  if (Date.now() - (lastSweeps.get(DB) ?? 0) < 4 * SWEEP_INTERVAL) return
  for (;;) {
    lastSweeps.set(DB, Date.now())
    await removeExpired(env, databases)
    const at = (await databases.main().first(selectNextExpiry, {}))?.at
    if (at === null || at === undefined) break
    await scheduler.wait(Math.min(SWEEP_INTERVAL, Math.max(1, at - Date.now() + 1)))
  }
  lastSweeps.set(DB, 0)
}
