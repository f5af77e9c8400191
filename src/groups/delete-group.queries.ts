// Questions to D1 that delete groups. What a group's members were goes with it; built-in groups stay.
import { sql } from 'drizzle-orm'
import { bind, type Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { selectPartition } from '../partitions/find-partition.ts'
import { GROUP_TYPE } from './group.schema.ts'
import { groups } from './group.table.ts'
import { type ListedGroups, listedGroups } from './listed-ids.ts'

const listedBuiltIn = sql`
  select ${groups.name} as "name" from ${listedGroups} where ${groups.type} = ${sql.raw(String(GROUP_TYPE.builtIn))}`

const remove = statement<ListedGroups, { id: string }>(
  () => sql`
    delete from ${groups}
    where seq in (select ${groups.seq} from ${listedGroups}) and not exists (${listedBuiltIn})
    returning id`,
)

const selectBuiltIn = statement<ListedGroups, { name: string }>(() => sql`${listedBuiltIn} limit 1`)

/**
 * Deletes those of `ids` that are there, or none of them if one is built-in: `builtIn` is its name then.
 * `deleted` counts; `partition` is undefined if it is unknown.
 */
export async function deleteGroups(database: Database, partition: string, ids: readonly string[]) {
  const values = { partition, groups: JSON.stringify(ids) }
  const [[found], [builtIn], deleted] = await database.batch(
    bind(selectPartition, { partition }),
    bind(selectBuiltIn, values),
    bind(remove, values),
  )
  return { partition: found?.id, builtIn: builtIn?.name, deleted: deleted.length }
}
