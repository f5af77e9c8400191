// Partitions to plant.
import { bind } from '../database/bound.ts'
import { insertInto } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { partitions } from './partition.table.ts'

export interface PartitionSeed {
  id: string
  /** The organization's name as it stands in URLs. */
  name: string
}

const insertPartition = statement(
  (v: Slots<{ partition: string; name: string }>) => insertInto(partitions).values({ id: v.partition, name: v.name }),
  { touches: 'partition' },
)

export const plantPartition = ({ id, name }: PartitionSeed) => bind(insertPartition, { partition: id, name })
