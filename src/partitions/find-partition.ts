// The question whether a partition exists, alone or in batches whose other statements cannot tell.
import { sql } from 'drizzle-orm'
import type { Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { partitions } from './partition.table.ts'

interface PartitionRow {
  id: string
  name: string
}

/** The partition as the database spells it, if there is one. */
export const selectPartition = statement<{ partition: string }, PartitionRow>(
  () => sql`
    select ${partitions.id} as "id", ${partitions.name} as "name"
    from ${partitions} where ${partitions.id} = ${sql.placeholder('partition')}`,
)

/** Asks for the partition alone. Undefined if it is unknown. */
export const findPartition = (database: Database, partition: string) => database.first(selectPartition, { partition })
