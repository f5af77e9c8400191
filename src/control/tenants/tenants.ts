// Tenants: found by id or name, listed, shown and removed. A tenant is a partition with all that it has; one that was made on
// demand has a row in `tenants` as well.
import { and, desc, eq, or, sql } from 'drizzle-orm'
import type { Database } from '../../database/database.ts'
import { databaseOf, MAIN } from '../../database/placement.ts'
import { deleteFrom, select } from '../../database/query-builder.ts'
import type { RequestDatabases } from '../../database/session.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { isExpired } from '../../partitions/expiry.ts'
import { partitions } from '../../partitions/partition.table.ts'
import type { Reach } from '../access/caller.ts'
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
  /** The team whose key it was made with. */
  team: string | null
  /** The most rows it may hold; null: they are not counted. */
  maxRows: number | null
}

const columns = {
  id: partitions.id,
  name: partitions.name,
  createdAt: tenants.createdAt,
  expiresAt: tenants.expiresAt,
  team: tenants.team,
  maxRows: tenants.maxRows,
}

// A tenant can have a name that is another's id; the id takes precedence.
const selectTenant = statement((v: Slots<{ tenant: string } & Reach>) =>
  select(columns)
    .from(partitions)
    .leftJoin(tenants, eq(tenants.partitionId, partitions.id))
    .where(
      and(
        or(eq(partitions.id, v.tenant), eq(partitions.name, v.tenant)),
        or(sql`${v.all}`, eq(tenants.team, v.team), eq(partitions.id, v.own)),
      ),
    )
    .orderBy(desc(eq(partitions.id, v.tenant)))
    .limit(1),
)

/**
 * A tenant by its id or name, whether it was made on demand or not.
 *
 * @param main the database that lists all partitions
 * @param reach the caller's: to others a tenant is not there
 * @throws ControlProblem 404
 * @example
 * const { id } = await findTenant(openMain(c), 'hogwarts', reachOf(c.get('call').caller))
 */
export async function findTenant(main: Database, tenant: string, reach: Reach): Promise<TenantRow> {
  const found = await main.first(selectTenant, { tenant, ...reach })
  if (!found || isExpired(found)) throw new ControlProblem(404, 'There is no such tenant.')
  return found
}

type Page = { limit: number; skip: number }

const selectTenants = statement((v: Slots<Page>) =>
  select(columns)
    .from(tenants)
    .innerJoin(partitions, eq(partitions.id, tenants.partitionId))
    .orderBy(desc(tenants.createdAt))
    .limit(v.limit)
    .offset(v.skip),
)

const selectAll = statement((v: Slots<Page>) =>
  select(columns)
    .from(partitions)
    .leftJoin(tenants, eq(partitions.id, tenants.partitionId))
    .orderBy(desc(tenants.createdAt), partitions.name)
    .limit(v.limit)
    .offset(v.skip),
)

const selectReached = statement((v: Slots<{ team: string | null; own: string | null } & Page>) =>
  select(columns)
    .from(tenants)
    .innerJoin(partitions, eq(partitions.id, tenants.partitionId))
    .where(or(eq(tenants.team, v.team), eq(tenants.partitionId, v.own)))
    .orderBy(desc(tenants.createdAt))
    .limit(v.limit)
    .offset(v.skip),
)

/** The most tenants of one page. */
const MAX_LISTED = 1000

/**
 * Tenants made on demand that are in reach, newest first; with `evenSeeded`, also those that were not made on demand, behind
 * them: the control token alone reaches these.
 * @returns at most 1,000 from the one numbered `skip` on, and where the next page begins; null at the end
 */
export async function listTenants(main: Database, { all, team, own }: Reach, evenSeeded: boolean, skip: number) {
  const page = { limit: MAX_LISTED, skip }
  const found = all
    ? await main.all(evenSeeded ? selectAll : selectTenants, page)
    : await main.all(selectReached, { team, own, ...page })
  const next = found.length < MAX_LISTED ? null : skip + MAX_LISTED
  return { tenants: found.filter((tenant) => !isExpired(tenant)), next }
}

/** A tenant as the control plane answers with it. Its `url` is the one to give to clients: `origin`, then its name. */
export const presentTenant = (origin: string, { id, name, createdAt, expiresAt, team }: TenantRow) => ({
  id,
  name,
  url: `${origin}/${name}`,
  team,
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
