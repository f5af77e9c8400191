// Copies of partitions whose rows are made when they are first needed. A test's own tenant mostly asks for few of the rows that
// it began with, and making and removing all of them takes longer than all else about it. A connection that sees every call
// can postpone them (src/embedded/postponed-copies.ts); in a deployment a copy is made at once.
import { type SQLWrapper, sql } from 'drizzle-orm'
import { type Bound, bind } from '../../database/bound.ts'
import { nameOf } from '../../database/query-builder.ts'
import { statement } from '../../database/statement.ts'
import { directoryCounts } from '../../directory/directory.table.ts'
import { tenants } from '../control.table.ts'
import { copyPartition } from './plant-snapshot.ts'
import { capture, SEED } from './snapshot-parts.ts'

/** How many accounts a partition has. */
export const sizeOf = (partition: SQLWrapper) => sql<number>`
  (select coalesce(sum(${directoryCounts.count}), 0) from ${directoryCounts} where ${directoryCounts.partitionId} = ${partition})`

const notePostponed = statement<{ partition: string; source: string }, { size: number }>(
  (v, row) => sql`
    update ${tenants} set ${nameOf(tenants.copyOf)} = ${v.source} where ${tenants.partitionId} = ${v.partition}
    returning ${row({ size: sizeOf(v.source) })}`,
  { touches: 'partition' },
)

/**
 * The statements that make `partition`, which has to be empty, a copy of `source` with that for its first snapshot.
 * @param mayWait whether they may be postponed
 */
export function copyOf(source: string, partition: string, { at, mayWait }: { at: number; mayWait: boolean }) {
  const statements: Bound<unknown>[] = [...copyPartition(source, partition), capture(partition, partition, SEED, at)]
  if (!mayWait) return statements
  const copies = { source, partition, note: bind(notePostponed, { source, partition }) }
  return statements.map((bound) => ({ ...bound, copies }))
}
