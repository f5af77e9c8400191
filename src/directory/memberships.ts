// Who is in which group, seen from the accounts: the statements by which users and robot accounts enter and leave groups,
// and are added to and removed from the directory. Each takes accounts by a JSON array of ids and keeps the counts right.
import { sql } from 'drizzle-orm'
import { statement } from '../database/statement.ts'
import { groupMembers, groups } from '../groups/group.table.ts'
import { directoryCounts, directoryEntities } from './directory.table.ts'

/** `entities` and `groups` are JSON arrays of ids; ids that are unknown are passed over. */
export interface Accounts {
  partition: string
  entities: string
}

const { placeholder } = sql

// A cross join keeps SQLite to this order: each listed id is looked up, never the list for each row.
export const listedEntities = sql`
  json_each(${placeholder('entities')}) listed
  cross join ${directoryEntities}
    on ${directoryEntities.partitionId} = ${placeholder('partition')} and ${directoryEntities.id} = listed.value`

const listedGroups = sql`
  select ${groups.seq} from json_each(${placeholder('groups')}) wanted
  cross join ${groups} on ${groups.partitionId} = ${placeholder('partition')} and ${groups.id} = wanted.value`

/** Accounts whose last write is the one that bears the stamp: a batch that wrote nothing changes no membership. */
const written = sql`${directoryEntities.concurrencyStamp} = ${placeholder('stamp')}`

const isMember = sql`exists (
  select 1 from ${groupMembers}
  where ${groupMembers.groupSeq} = ${groups.seq} and ${groupMembers.entitySeq} = ${directoryEntities.seq})`

type Change = Accounts & { groups: string; stamp: string }

/** Run before {@link enterGroups}. */
export const countEntering = statement<Change>(
  () => sql`
    update ${groups} set member_count = member_count
      + (select count(distinct ${directoryEntities.seq}) from ${listedEntities} where ${written} and not ${isMember})
    where seq in (${listedGroups})`,
)

export const enterGroups = statement<Change>(
  () => sql`
    insert into ${groupMembers} (group_seq, entity_seq)
    select entered.seq, ${directoryEntities.seq} from ${listedEntities} cross join (${listedGroups}) entered
    where ${written}
    on conflict do nothing`,
)

/** Run before {@link leaveGroups}. */
export const countLeaving = statement<Change>(
  () => sql`
    update ${groups} set member_count = member_count
      - (select count(distinct ${directoryEntities.seq}) from ${listedEntities} where ${written} and ${isMember})
    where seq in (${listedGroups})`,
)

export const leaveGroups = statement<Change>(
  () => sql`
    delete from ${groupMembers}
    where group_seq in (${listedGroups})
      and entity_seq in (select ${directoryEntities.seq} from ${listedEntities} where ${written})`,
)

type OfType = Accounts & { type: number }

/** Run after accounts were added under the stamp. */
export const countAdded = statement<OfType & { stamp: string }>(
  () => sql`
    insert into ${directoryCounts} (partition_id, type, count)
    select ${placeholder('partition')}, ${placeholder('type')}, count(distinct ${directoryEntities.seq})
    from ${listedEntities} where ${written} and ${directoryEntities.type} = ${placeholder('type')} group by 1
    on conflict do update set count = count + excluded.count`,
)

/** Run before {@link removeEntities}, as is {@link countRemoved}. */
export const countLeavingAll = statement<OfType>(
  () => sql`
    update ${groups} set member_count = member_count
      - (select count(distinct ${directoryEntities.seq}) from ${listedEntities}
         where ${directoryEntities.type} = ${placeholder('type')} and ${isMember})
    where seq in (
      select ${groupMembers.groupSeq} from ${listedEntities}
      cross join ${groupMembers} on ${groupMembers.entitySeq} = ${directoryEntities.seq})`,
)

export const countRemoved = statement<OfType>(
  () => sql`
    update ${directoryCounts} set count = count
      - (select count(distinct ${directoryEntities.seq}) from ${listedEntities}
         where ${directoryEntities.type} = ${placeholder('type')})
    where partition_id = ${placeholder('partition')} and type = ${placeholder('type')}`,
)

/** Removes accounts of a type with all that hangs on them, and returns the ids of those that were there. */
export const removeEntities = statement<OfType, { id: string }>(
  () => sql`
    delete from ${directoryEntities}
    where type = ${placeholder('type')} and seq in (select ${directoryEntities.seq} from ${listedEntities})
    returning id`,
)

/** The ids of the groups an account is in, as a JSON array in the order of the groups' creation. */
export const groupIdsOf = () => sql`(
  select json_group_array(joined.id) from (
    select ${groups.id} as id from ${groupMembers} join ${groups} on ${groups.seq} = ${groupMembers.groupSeq}
    where ${groupMembers.entitySeq} = ${directoryEntities.seq} order by ${groups.seq}) joined)`
