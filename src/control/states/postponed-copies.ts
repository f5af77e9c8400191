// Copies of partitions whose rows are made when they are first needed. A test's own tenant mostly asks for few of the rows that
// it began with, and making and removing all of them takes longer than all else about it. A connection that sees every call
// can postpone them (src/embedded/postponed-copies.ts); in a deployment a copy is made at once.
import { type SQLWrapper, sql } from 'drizzle-orm'
import type { Bound } from '../../database/bound.ts'
import { directoryCounts } from '../../directory/directory.table.ts'
import { settings } from '../../settings/setting.table.ts'
import { copyPartition } from './plant-snapshot.ts'
import { capture, SEED } from './snapshot-parts.ts'

/** How many accounts a partition has. */
export const sizeOf = (partition: SQLWrapper) => sql<number>`
  (select coalesce(sum(${directoryCounts.count}), 0) from ${directoryCounts} where ${directoryCounts.partitionId} = ${partition})`

/** Whether a partition has settings of no user. */
export const hasOwnSettings = (partition: SQLWrapper) => sql`
  exists (select 1 from ${settings} where ${settings.partitionId} = ${partition} and ${settings.owner} = 0)`

/** The statements that make `partition`, which has to be empty, a copy of `source` with that for its first snapshot. */
export const copyOf = (source: string, partition: string, at: number): Bound<unknown>[] => [
  ...copyPartition(source, partition),
  capture(partition, partition, SEED, at),
]
