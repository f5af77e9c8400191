// The batch that deletes users of a partition.
import { sql } from 'drizzle-orm'
import { bind } from '../database/bound.ts'
import type { Database } from '../database/database.ts'
import { insertSelect } from '../database/query-builder.ts'
import { statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { listedEntities } from '../directory/listed-entities.ts'
import { USER_TYPE } from '../directory/member.ts'
import {
  type Accounts,
  lowerEntityCount,
  lowerMemberCountsOfRemoved,
  removeEntities,
} from '../directory/memberships.ts'
import { selectPartition } from '../partitions/find-partition.ts'
import { formerUsers } from './user.table.ts'

const insertFormerUsers = statement<Accounts & { type: number }>(
  (v) =>
    insertSelect(
      formerUsers,
      { partitionId: directoryEntities.partitionId, id: directoryEntities.id },
      sql`from ${listedEntities(v, v.entities)} where ${directoryEntities.type} = ${v.type} on conflict do nothing`,
    ),
  { touches: 'partition' },
)

/**
 * Deletes those of `ids` that are users, with their settings and memberships. Assumed: others are ignored, and the names are
 * free. Real server: a deletion is a soft one (documented). `removed` counts them; `partition` is undefined if it is unknown.
 */
export async function deleteUsers(database: Database, partition: string, ids: readonly string[]) {
  const accounts = { partition, entities: JSON.stringify(ids), type: USER_TYPE.user }
  const [[found], , , , removed] = await database.batch(
    bind(selectPartition, { partition }),
    bind(lowerMemberCountsOfRemoved, accounts),
    bind(lowerEntityCount, accounts),
    bind(insertFormerUsers, accounts),
    bind(removeEntities, accounts),
  )
  return { partition: found?.id, removed: removed.length }
}
