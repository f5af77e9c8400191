// Directory entities looked up by ids that a client listed.
import { type Placeholder, sql } from 'drizzle-orm'
import type { Slots } from '../database/statement.ts'
import { directoryEntities } from './directory.table.ts'

/** A slot for a JSON array of ids. */
type Ids = Placeholder<string, string>

type InPartition = Slots<{ partition: string }>

/**
 * For `from`: the entities with one of `ids`.
 * The cross join keeps SQLite to this order: each id is looked up in the index, instead of each entity in the list.
 */
export const listedEntities = (v: InPartition, ids: Ids) => sql`
  json_each(${ids}) listed
  cross join ${directoryEntities}
    on ${directoryEntities.partitionId} = ${v.partition} and ${directoryEntities.id} = listed.value`

/** Selects the `seq` of each entity with one of `ids`, once. */
export const selectListedEntities = (v: InPartition, ids: Ids) => sql`
  select distinct ${directoryEntities.seq} as seq from ${listedEntities(v, ids)}`

/** Selects the `value` of each of `ids` that no entity has. */
export const selectUnknownEntities = (v: InPartition, ids: Ids) => sql`
  select asked.value as value from json_each(${ids}) asked
  where not exists (
    select 1 from ${directoryEntities}
    where ${directoryEntities.partitionId} = ${v.partition} and ${directoryEntities.id} = asked.value)`
