// Tenants that have ended and whose rows are still there: local runs remove these later (src/embedded/postponed-removals.ts). A
// deployment removes them with the end, and has nothing of this.
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { type Bound, bind } from '../../database/bound.ts'
import type { Database } from '../../database/database.ts'
import { nameOf } from '../../database/query-builder.ts'
import { type SelectRow, type Slots, statement } from '../../database/statement.ts'
import { directoryEntities } from '../../directory/directory.table.ts'
import { literal } from '../../documents/entry-list.ts'
import type { InPartition } from '../../documents/plant-entries.ts'
import { groups } from '../../groups/group.table.ts'
import { partitions } from '../../partitions/partition.table.ts'
import { settings } from '../../settings/setting.table.ts'
import { loginAttempts } from '../../users/login-attempt.table.ts'
import { journal, snapshots, tenants } from '../control.table.ts'
import { hasMoreThan, inSteps, repeat } from '../states/steps/rows.ts'

/** What `expiresAt` is once a tenant has ended: a time that is over, and that no tenant is made with. */
export const ENDED = 0

/**
 * Tables of which a tenant can have many rows, in the order in which they are removed, and how many of each one step removes. A
 * step takes some 10 ms: rows of other tables go with those of accounts and groups, and one of a snapshot fills many pages.
 */
const LARGE_TABLES: readonly (readonly [table: InPartition, rows: number])[] = [
  [snapshots, 10],
  [journal, 1000],
  [loginAttempts, 1000],
  [settings, 1000],
  [directoryEntities, 500],
  [groups, 500],
]

/** Whether a partition has more rows than one transaction should remove. */
const isLarge = (partition: SQLWrapper) => {
  const more = LARGE_TABLES.map(([table, rows]) => hasMoreThan(rows, table, partition))
  return sql<number>`(${sql.join(more, sql` or `)})`
}

export interface EndedTenant {
  partition: string
  /** Whether it is removed in steps: 1, or 0. */
  isLarge: number
}

const columns = { partition: tenants.partitionId, isLarge: isLarge(tenants.partitionId) }

// A copy whose rows are not made yet needs none any more.
const end = (row: SelectRow<EndedTenant>, which: SQL) => sql`
  update ${tenants} set ${nameOf(tenants.expiresAt)} = ${literal(ENDED)}, ${nameOf(tenants.copyOf)} = null
  where ${tenants.partitionId} ${which} returning ${row(columns)}`

const endOne = statement<{ partition: string }, EndedTenant>((v, row) => end(row, sql`= ${v.partition}`), {
  touches: 'partition',
})

const endSeveral = statement<{ ids: string }, EndedTenant>((v, row) =>
  end(row, sql`in (select value from json_each(${v.ids}))`),
)

/** The statement that ends tenants, and returns them. */
export const endTenants = (ids: readonly string[]): Bound<EndedTenant> => {
  const [partition, ...others] = ids
  return partition !== undefined && others.length === 0
    ? bind(endOne, { partition })
    : bind(endSeveral, { ids: JSON.stringify(ids) })
}

/** Whether a statement is one of {@link endTenants}. */
export const endsTenants = ({ number }: Bound<unknown>) => number === endOne.number || number === endSeveral.number

const selectEnded = statement<Record<never, never>, EndedTenant>(
  (_, row) => sql`select ${row(columns)} from ${tenants} where ${tenants.expiresAt} = ${literal(ENDED)}`,
)

/** The statement that lists the ended tenants of a database. */
export const listEnded = () => bind(selectEnded, {})

const removeEnded = statement(
  (v: Slots<{ ids: string }>) => sql`delete from ${partitions} where ${partitions.id} in (
      select ${tenants.partitionId} from ${tenants}
      where ${tenants.partitionId} in (select value from json_each(${v.ids})) and ${tenants.expiresAt} = ${literal(ENDED)})`,
)

/** The statement that removes those of the tenants that have ended, with all rows. Sending it twice does no harm. */
export const removeTenants = (ids: readonly string[]) => bind(removeEnded, { ids: JSON.stringify(ids) })

type Of = { partition: string }

const steps = LARGE_TABLES.map(([table, rows]) =>
  inSteps<Of>(
    () => sql`delete from ${table}`,
    (v) => sql`${table} where ${table.partitionId} = ${v.partition} and exists (
      select 1 from ${tenants} where ${tenants.partitionId} = ${v.partition} and ${tenants.expiresAt} = ${literal(ENDED)})`,
    rows,
  ),
)

/** Removes nearly all rows of a tenant that has ended, in steps. */
export async function removeInSteps(database: Database, partition: string): Promise<void> {
  for (const each of steps) await repeat(database, each, { partition })
}
