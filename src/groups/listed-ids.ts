// What questions about groups have in common: a group by its id, and ids a client listed, looked up in a partition.
import { type SQL, sql } from 'drizzle-orm'
import { directoryEntities } from '../directory/directory.table.ts'
import { groups } from './group.table.ts'

const { placeholder } = sql

export const isGroup = sql`${groups.partitionId} = ${placeholder('partition')} and ${groups.id} = ${placeholder('group')}`

/** `groups` is a JSON array of ids. */
export interface ListedGroups {
  partition: string
  groups: string
}

// Cross joins keep SQLite to their order: each listed id is looked up, never the list for each row.

/** The listed groups that are there, joined to their place in the list (`listed.key`). */
export const listedGroups = sql`
  json_each(${placeholder('groups')}) listed
  cross join ${groups} on ${groups.partitionId} = ${placeholder('partition')} and ${groups.id} = listed.value`

/** The `seq` of each directory entity among `ids`, a JSON array. */
export const entitiesIn = (ids: SQL) => sql`
  select distinct ${directoryEntities.seq} from json_each(${ids}) listed
  cross join ${directoryEntities}
    on ${directoryEntities.partitionId} = ${placeholder('partition')} and ${directoryEntities.id} = listed.value`

/** Those of `ids`, a JSON array, that the directory does not have. */
export const unknownEntities = (ids: SQL) => sql`
  select asked.value from json_each(${ids}) asked
  where not exists (
    select 1 from ${directoryEntities}
    where ${directoryEntities.partitionId} = ${placeholder('partition')} and ${directoryEntities.id} = asked.value)`
