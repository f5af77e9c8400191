// Groups looked up by ids that a client listed.
import { type Placeholder, type SQL, sql } from 'drizzle-orm'
import type { Slots } from '../database/statement.ts'
import { groups } from './group.table.ts'

type InPartition = Slots<{ partition: string }>

/**
 * For `from`: the groups with one of `ids`, a JSON array, joined to their place in it (`listed.key`).
 * The cross join keeps SQLite to this order: each id is looked up in the index, instead of each group in the list.
 */
export const listedGroups = (v: InPartition, ids: Placeholder<string, string>) => sql`
  json_each(${ids}) listed
  cross join ${groups} on ${groups.partitionId} = ${v.partition} and ${groups.id} = listed.value`

/** Holds if the partition has no group with that id. */
export const isUnknownGroup = (v: InPartition, id: SQL) => sql`not exists (
  select 1 from ${groups} where ${groups.partitionId} = ${v.partition} and ${groups.id} = ${id})`
