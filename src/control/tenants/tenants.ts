// Tenants: found by id or name, listed, shown, and removed when their time is over. A tenant is a partition with all that
// it has; one that was made on demand has a row in `tenants` as well.
import { desc, eq, isNotNull, lte, or, sql } from 'drizzle-orm'
import { clients } from '../../connect/client.table.ts'
import type { Database } from '../../database/database.ts'
import { databaseOf, MAIN } from '../../database/placement.ts'
import { deleteFrom, select } from '../../database/query-builder.ts'
import type { RequestDatabases } from '../../database/session.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { MemoryOf } from '../../http/isolate-memory.ts'
import { logRemoval } from '../../http/log.ts'
import { isExpired } from '../../partitions/expiry.ts'
import { partitions } from '../../partitions/partition.table.ts'
import { tenants } from '../control.table.ts'
import { evictArmed } from '../effects/armed-cache.ts'
import { ControlProblem } from '../problem.ts'

export interface TenantRow {
  id: string
  name: string
  /** Milliseconds since the epoch; null unless it was made on demand. */
  createdAt: number | null
  /** Milliseconds since the epoch; null if it is kept until it is deleted. */
  expiresAt: number | null
}

const columns = {
  id: partitions.id,
  name: partitions.name,
  createdAt: tenants.createdAt,
  expiresAt: tenants.expiresAt,
}

// A tenant can have a name that is another's id; the id takes precedence.
const selectTenant = statement((v: Slots<{ tenant: string }>) =>
  select(columns)
    .from(partitions)
    .leftJoin(tenants, eq(tenants.partitionId, partitions.id))
    .where(or(eq(partitions.id, v.tenant), eq(partitions.name, v.tenant)))
    .orderBy(desc(eq(partitions.id, v.tenant)))
    .limit(1),
)

/**
 * Any tenant by its id or name, whether it was made on demand or not.
 *
 * @param main the database that lists all partitions
 * @throws ControlProblem 404
 * @example
 * const { id } = await findTenant(openMain(c), 'hogwarts')
 */
export async function findTenant(main: Database, tenant: string): Promise<TenantRow> {
  const found = await main.first(selectTenant, { tenant })
  if (!found || isExpired(found)) throw new ControlProblem(404, 'There is no such tenant.')
  return found
}

const selectTenants = statement((v: Slots<{ limit: number }>) =>
  select(columns)
    .from(tenants)
    .innerJoin(partitions, eq(partitions.id, tenants.partitionId))
    .orderBy(desc(tenants.createdAt))
    .limit(v.limit),
)

const selectAll = statement((v: Slots<{ limit: number }>) =>
  select(columns)
    .from(partitions)
    .leftJoin(tenants, eq(partitions.id, tenants.partitionId))
    .orderBy(desc(tenants.createdAt), partitions.name)
    .limit(v.limit),
)

/** The most tenants that are listed. */
const MAX_LISTED = 1000

/** Tenants made on demand, newest first, at most 1,000; with `all`, also those that were not, behind them. */
export const listTenants = async (main: Database, all: boolean) =>
  (await main.all(all ? selectAll : selectTenants, { limit: MAX_LISTED })).filter((tenant) => !isExpired(tenant))

/** A tenant as the control plane answers with it. Its `url` is the one to give to clients: `origin`, then its name. */
export const presentTenant = (origin: string, { id, name, createdAt, expiresAt }: TenantRow) => ({
  id,
  name,
  url: `${origin}/${name}`,
  createdAt: createdAt === null ? null : new Date(createdAt).toISOString(),
  expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
})

/** Removes a partition with all that the database has of it. */
export const deletePartition = statement(
  (v: Slots<{ partition: string }>) => deleteFrom(partitions).where(eq(partitions.id, v.partition)),
  { touches: 'partition' },
)

/** Removes a tenant made on demand with everything it has. @throws ControlProblem 409 for any other */
export async function deleteTenant(env: Cloudflare.Env, databases: RequestDatabases, { id, createdAt }: TenantRow) {
  if (createdAt === null) throw new ControlProblem(409, 'Only a tenant made on demand can be removed.')
  // The main database goes last: as long as the tenant is listed there, a removal that failed half-way can be repeated.
  if (databaseOf(env, id).name !== MAIN) await databases.holding(id).all(deletePartition, { partition: id })
  await databases.main().all(deletePartition, { partition: id })
  evictArmed(env, id)
}

const deletePartitions = statement((v: Slots<{ ids: string }>) =>
  deleteFrom(partitions).where(sql`${partitions.id} in (select value from json_each(${v.ids}))`),
)

/** The most tenants of one removal, and of one statement of it: within D1's 50 queries an invocation and 30 s a statement. */
const MAX_REMOVED = 1000
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
        await databases.main().all(deletePartitions, { ids })
        logRemoval(env, chunk)
      } catch (error) {
        failed.push(error)
      }
    }
  }
  for (const id of ids) evictArmed(env, id)
  if (failed.length > 0) throw failed[0]
}

const selectExpired = statement((v: Slots<{ now: number }>) =>
  select({ id: tenants.partitionId })
    .from(tenants)
    .where(lte(tenants.expiresAt, v.now))
    .orderBy(tenants.expiresAt)
    .limit(MAX_REMOVED),
)

/** Removes the tenants whose time is over, at most 1,000. */
export async function removeExpired(env: Cloudflare.Env, databases: RequestDatabases) {
  const expired = await databases.main().all(selectExpired, { now: Date.now() })
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
    .where(isNotNull(tenants.expiresAt)),
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
