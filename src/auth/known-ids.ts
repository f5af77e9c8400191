// Ids that a client listed and that are neither GUIDs nor known.
import { sql } from 'drizzle-orm'
import type { Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { groups } from '../groups/group.table.ts'
import { isGuid } from '../http/identifier.ts'
import { Refusal } from '../http/refusal.ts'

const selectUnknown = statement<{ partition: string; ids: string }, { id: string }>(
  (v, row) => sql`
    select ${row({ id: sql<string>`asked.value` })} from json_each(${v.ids}) asked
    where not exists (
      select 1 from ${directoryEntities}
      where ${directoryEntities.partitionId} = ${v.partition} and ${directoryEntities.id} = asked.value)
    and not exists (
      select 1 from ${groups} where ${groups.partitionId} = ${v.partition} and ${groups.id} = asked.value)`,
  { touches: 'partition' },
)

/**
 * Looks up those of `ids` that are no GUIDs: a tenant may have been seeded with them. An operation that passes over unknown
 * ids asks here before it writes. Asks the database nothing where all are GUIDs.
 *
 * @param field the list's property
 * @throws Refusal 400 for ids that are neither. Real server: ids are GUIDs, and anything else is not converted.
 */
export async function refuseUnknownIds(database: Database, partition: string, field: string, ids: readonly string[]) {
  const others = ids.filter((id) => !isGuid(id))
  if (others.length === 0) return
  const unknown = await database.all(selectUnknown, { partition, ids: JSON.stringify(others) })
  if (unknown.length > 0) throw new Refusal({ is: 'unknownId', field, ids: unknown.map(({ id }) => id) })
}
