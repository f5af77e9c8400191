// Tenants, those made on demand among them: looked up, shown, removed when their time is over.
import { desc, eq, isNotNull, lte, or, sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { databaseOf, MAIN } from '../../database/placement.ts'
import { deleteFrom, select } from '../../database/query-builder.ts'
import { type AppEnv, openMain, openPartition } from '../../database/session.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { MemoryOf } from '../../http/isolate-memory.ts'
import { originOf } from '../../http/path.ts'
import { partitions } from '../../partitions/partition.table.ts'
import { tenants } from '../control.table.ts'
import { forget } from '../effects/armed.ts'
import { ControlProblem } from '../problem.ts'

type Hop = Context<AppEnv>

export interface TenantRow {
  id: string
  name: string
  createdAt: number | null
  expiresAt: number | null
}

const columns = {
  id: partitions.id,
  name: partitions.name,
  createdAt: tenants.createdAt,
  expiresAt: tenants.expiresAt,
}

// A partition can be named by its id or its name; the id counts first.
const selectTenant = statement((v: Slots<{ tenant: string }>) =>
  select(columns)
    .from(partitions)
    .leftJoin(tenants, eq(tenants.partitionId, partitions.id))
    .where(or(eq(partitions.id, v.tenant), eq(partitions.name, v.tenant)))
    .orderBy(desc(eq(partitions.id, v.tenant)))
    .limit(1),
)

/** Whether it only waits to be removed. */
const isOver = ({ expiresAt }: TenantRow) => expiresAt !== null && expiresAt <= Date.now()

/** Any partition, whether made on demand or not. @throws ControlProblem 404 */
export async function findTenant(c: Hop, tenant: string): Promise<TenantRow> {
  const found = await openMain(c).first(selectTenant, { tenant })
  if (!found || isOver(found)) throw new ControlProblem(404, 'There is no such tenant.')
  return found
}

const selectTenants = statement((v: Slots<{ limit: number }>) =>
  select(columns)
    .from(tenants)
    .innerJoin(partitions, eq(partitions.id, tenants.partitionId))
    .orderBy(desc(tenants.createdAt))
    .limit(v.limit),
)

/** Those made on demand, newest first, at most 1,000. */
export const listTenants = async (c: Hop) =>
  (await openMain(c).all(selectTenants, { limit: 1000 })).filter((tenant) => !isOver(tenant))

/** How a tenant looks on the wire. */
export const presentTenant = (c: Hop, { id, name, createdAt, expiresAt }: TenantRow) => ({
  id,
  name,
  url: `${originOf(c.req.url)}/${name}`,
  createdAt: createdAt === null ? null : new Date(createdAt).toISOString(),
  expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
})

const deletePartition = statement(
  (v: Slots<{ partition: string }>) => deleteFrom(partitions).where(eq(partitions.id, v.partition)),
  { touches: 'partition' },
)

/** Removes a tenant made on demand with everything it has. @throws ControlProblem 409 for another */
export async function deleteTenant(c: Hop, { id, createdAt }: TenantRow) {
  if (createdAt === null) throw new ControlProblem(409, 'Only a tenant made on demand can be removed.')
  if (databaseOf(c.env, id).name !== MAIN) await openPartition(c, id, 'current').all(deletePartition, { partition: id })
  await openMain(c).all(deletePartition, { partition: id })
  forget(c.env, id)
}

const selectExpired = statement((v: Slots<{ now: number }>) =>
  select(columns)
    .from(tenants)
    .innerJoin(partitions, eq(partitions.id, tenants.partitionId))
    .where(lte(tenants.expiresAt, v.now))
    .orderBy(tenants.expiresAt)
    .limit(1000),
)

/** Removes the expired. */
export async function removeExpired(c: Hop) {
  for (const tenant of await openMain(c).all(selectExpired, { now: Date.now() })) await deleteTenant(c, tenant)
}

const selectNextExpiry = statement((_: Slots<Record<never, never>>) =>
  select({ at: sql<number | null>`min(${tenants.expiresAt})` })
    .from(tenants)
    .where(isNotNull(tenants.expiresAt)),
)

/** When a database was last looked through here; absent: never. Milliseconds since the epoch. */
const lastSweeps = new MemoryOf<D1Database, number>('sweeps')

/** How long a tenant that was made meanwhile and expires earlier may wait. In milliseconds. */
const BEAT = 500

/** An isolate's first request to the plane finds what expired before there was the isolate. */
export const isSwept = ({ DB }: Cloudflare.Env) => lastSweeps.has(DB)

/** Where no Cron trigger comes, removes tenants as soon as their time is over, until there is none that has one. */
export async function sweep(c: Hop) {
  const { DB } = c.env
  // One does; a request that is gone does no more.
  if (Date.now() - (lastSweeps.get(DB) ?? 0) < 4 * BEAT) return
  for (;;) {
    lastSweeps.set(DB, Date.now())
    await removeExpired(c)
    const at = (await openMain(c).first(selectNextExpiry, {}))?.at
    if (at === null || at === undefined) break
    await scheduler.wait(Math.min(BEAT, Math.max(1, at - Date.now() + 1)))
  }
  lastSweeps.set(DB, 0)
}
