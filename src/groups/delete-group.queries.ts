// The batch that deletes groups. Foreign keys delete their rows of members; built-in groups are not deleted.
import { sql } from 'drizzle-orm'
import { bind } from '../database/bound.ts'
import type { Database } from '../database/database.ts'
import { deleteFrom } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { selectPartition } from '../partitions/find-partition.ts'
import { GROUP_TYPE } from './group.schema.ts'
import { groups } from './group.table.ts'
import { listedGroups } from './listed-groups.ts'

/** `groups` is a JSON array of ids. */
type ListedGroups = { partition: string; groups: string }

const listedBuiltIn = (v: Slots<ListedGroups>) => sql`
  ${listedGroups(v, v.groups)} where ${groups.type} = ${sql.raw(String(GROUP_TYPE.builtIn))}`

const deleteListed = statement(
  (v: Slots<ListedGroups>) =>
    deleteFrom(groups)
      .where(sql`
        ${groups.seq} in (select ${groups.seq} from ${listedGroups(v, v.groups)})
        and not exists (select 1 from ${listedBuiltIn(v)})`)
      .returning({ id: groups.id }),
  { touches: 'partition' },
)

const selectBuiltIn = statement<ListedGroups, { name: string }>(
  (v, row) => sql`select ${row({ name: groups.name })} from ${listedBuiltIn(v)} limit 1`,
  { touches: 'partition' },
)

/**
 * Deletes those of `ids` that are there, or none of them if one is built-in: `builtIn` is its name then.
 * `deleted` counts; `partition` is undefined if it is unknown.
 */
export async function deleteGroups(database: Database, partition: string, ids: readonly string[]) {
  const values = { partition, groups: JSON.stringify(ids) }
  const [[found], [builtIn], deleted] = await database.batch(
    bind(selectPartition, { partition }),
    bind(selectBuiltIn, values),
    bind(deleteListed, values),
  )
  return { partition: found?.id, builtIn: builtIn?.name, deleted: deleted.length }
}
