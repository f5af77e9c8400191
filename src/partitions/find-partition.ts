// The query whether a partition exists, alone or in batches whose other statements do not tell.
import { eq } from 'drizzle-orm'
import type { Database } from '../database/database.ts'
import { select } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { partitions } from './partition.table.ts'

/** The partition as the database spells it, if there is one. */
export const selectPartition = statement(
  (v: Slots<{ partition: string }>) => select().from(partitions).where(eq(partitions.id, v.partition)),
  { touches: 'partition' },
)

/** The partition; undefined if it is unknown. */
export const findPartition = (database: Database, partition: string) => database.first(selectPartition, { partition })

const selectAnyPartition = statement((_: Slots<object>) => select({ id: partitions.id }).from(partitions).limit(1))

/** Whichever partition the database finds first; undefined if it has none. */
export const findAnyPartition = (database: Database) => database.first(selectAnyPartition, {})
