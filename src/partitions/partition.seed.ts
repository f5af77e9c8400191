// Partitions to plant.
import { sql } from 'drizzle-orm'
import { bind } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { partitions } from './partition.table.ts'

export interface PartitionSeed {
  id: string
  /** The organization's name as it stands in URLs. */
  name: string
}

const insertPartition = statement<{ partition: string; name: string }>(
  () => sql`insert into ${partitions} (id, name) values (${sql.placeholder('partition')}, ${sql.placeholder('name')})`,
)

export const plantPartition = ({ id, name }: PartitionSeed) => bind(insertPartition, { partition: id, name })
