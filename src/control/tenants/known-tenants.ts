// Tenants that this isolate made or looked up, so that a call about one needs no round trip for it. Rows of tenants never change,
// but a tenant may be gone: the call's own batch checks that what its path names is still that tenant.
import { sql } from 'drizzle-orm'
import { failUnless, isAbortedBy } from '../../database/abort.ts'
import { bind } from '../../database/bound.ts'
import type { Guard } from '../../database/database.ts'
import type { RequestDatabases } from '../../database/session.ts'
import { statement } from '../../database/statement.ts'
import { BoundedMap } from '../../http/bounded-map.ts'
import { foldId } from '../../http/identifier.ts'
import { MemoryOf } from '../../http/isolate-memory.ts'
import { isExpired } from '../../partitions/expiry.ts'
import { partitions } from '../../partitions/partition.table.ts'
import type { Reach } from '../access/caller.ts'
import { tenants } from '../control.table.ts'
import type { TenantRow } from './tenants.ts'

const MAX_TENANTS = 1000

const known = new MemoryOf<D1Database, BoundedMap<string, TenantRow>>('tenants')

const tenantsOf = ({ DB }: Cloudflare.Env) =>
  known.getOrMake(DB, () => new BoundedMap<string, TenantRow>({ entries: MAX_TENANTS }))

/** @param requested by which it is found: its id or its name */
export const rememberTenant = (env: Cloudflare.Env, requested: string, row: TenantRow) =>
  tenantsOf(env).set(foldId(requested), row)

export const forgetTenant = (env: Cloudflare.Env, requested: string) => tenantsOf(env).delete(foldId(requested))

/** The tenant of that id or name, as this isolate knows it, if it is in reach. */
export function knownTenant(env: Cloudflare.Env, requested: string, { all, team, own }: Reach): TenantRow | undefined {
  const row = tenantsOf(env).get(foldId(requested))
  if (row === undefined || isExpired(row)) return undefined
  const isReached = all || (team !== null && row.team === team) || (own !== null && foldId(own) === foldId(row.id))
  return isReached ? row : undefined
}

/** Thrown where a tenant is not what this isolate knows: it is gone, or the path names another one by now. */
export class UnknownTenant extends Error {}

const OTHER_TENANT = 'it is no more that tenant'

type Known = { requested: string; partition: string; now: number }

const checkTenant = statement<Known, { same: number }>(
  (v, row) =>
    sql`select ${row({
      same: failUnless(
        sql`coalesce(
          (select ${partitions.id} from ${partitions} where ${partitions.id} = ${v.requested}),
          (select ${partitions.id} from ${partitions} where ${partitions.name} = ${v.requested})) = ${v.partition}
          and not exists (select 1 from ${tenants}
            where ${tenants.partitionId} = ${v.partition} and ${tenants.expiresAt} <= ${v.now})`,
        OTHER_TENANT,
      ),
    })}`,
  { touches: 'partition' },
)

const tenantGuard = (requested: string, partition: string): Guard => ({
  statement: bind(checkTenant, { requested, partition, now: Date.now() }),
  explain: (error) => (isAbortedBy(error, OTHER_TENANT) ? new UnknownTenant() : error),
})

/** `databases`, whose batches fail by {@link UnknownTenant} unless `requested` still names that tenant. */
export function onlyForTenant(databases: RequestDatabases, requested: string, { id }: TenantRow): RequestDatabases {
  const guard = tenantGuard(requested, id)
  return {
    main: () => databases.main().guardedBy(guard),
    holding: (partition) => databases.holding(partition).guardedBy(guard),
  }
}
