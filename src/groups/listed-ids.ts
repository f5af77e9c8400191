// Ids that a client listed, looked up in a partition.
import { type Placeholder, sql } from 'drizzle-orm'
import type { Slots } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { groups } from './group.table.ts'

/** `groups` is a JSON array of ids. */
export interface ListedGroups {
  partition: string
  groups: string
}

/** A slot for a JSON array of ids. */
type Ids = Placeholder<string, string>

type InPartition = Slots<{ partition: string }>

// Cross joins keep SQLite to their order: each listed id is looked up, never the list for each row.

/** The listed groups that are there, joined to their place in the list (`listed.key`). */
export const listedGroups = (v: Slots<ListedGroups>) => sql`
  json_each(${v.groups}) listed
  cross join ${groups} on ${groups.partitionId} = ${v.partition} and ${groups.id} = listed.value`

/** The `seq` of each directory entity among `ids`. */
export const entitiesIn = (v: InPartition, ids: Ids) => sql`
  select distinct ${directoryEntities.seq} as seq from json_each(${ids}) listed
  cross join ${directoryEntities}
    on ${directoryEntities.partitionId} = ${v.partition} and ${directoryEntities.id} = listed.value`

/** The `value` of each of `ids` that the directory does not have. */
export const unknownEntities = (v: InPartition, ids: Ids) => sql`
  select asked.value as value from json_each(${ids}) asked
  where not exists (
    select 1 from ${directoryEntities}
    where ${directoryEntities.partitionId} = ${v.partition} and ${directoryEntities.id} = asked.value)`
