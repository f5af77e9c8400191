// Who is in which group, seen from the accounts: the statements by which users and robot accounts enter and leave groups,
// and are added to and removed from the directory. Each takes accounts by a JSON array of ids and keeps the counts right.
import { and, eq, sql } from 'drizzle-orm'
import { deleteFrom, excluded, insertSelect, nameOf, update } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { EVERYONE } from '../groups/group.schema.ts'
import { groupMembers, groups } from '../groups/group.table.ts'
import { sameId } from '../http/identifier.ts'
import { directoryCounts, directoryEntities } from './directory.table.ts'

/** `entities` and `groups` are JSON arrays of ids; ids that are unknown are passed over. */
export interface Accounts {
  partition: string
  entities: string
}

type Change = Accounts & { groups: string; stamp: string }

// A cross join keeps SQLite to this order: each listed id is looked up, never the list for each row.
export const listedEntities = (v: Slots<Accounts>) => sql`
  json_each(${v.entities}) listed
  cross join ${directoryEntities}
    on ${directoryEntities.partitionId} = ${v.partition} and ${directoryEntities.id} = listed.value`

const listedGroups = (v: Slots<Change>) => sql`
  select ${groups.seq} as seq from json_each(${v.groups}) wanted
  cross join ${groups} on ${groups.partitionId} = ${v.partition} and ${groups.id} = wanted.value`

/** Accounts whose last write is the one that bears the stamp: a batch that wrote nothing changes no membership. */
const isWritten = (v: Slots<{ stamp: string }>) => sql`${directoryEntities.concurrencyStamp} = ${v.stamp}`

const isMember = sql`exists (
  select 1 from ${groupMembers}
  where ${groupMembers.groupSeq} = ${groups.seq} and ${groupMembers.entitySeq} = ${directoryEntities.seq})`

const distinctEntities = sql`count(distinct ${directoryEntities.seq})`

/** Run before {@link enterGroups}. */
export const countEntering = statement(
  (v: Slots<Change>) =>
    update(groups)
      .set({
        memberCount: sql`${groups.memberCount}
          + (select ${distinctEntities} from ${listedEntities(v)} where ${isWritten(v)} and not ${isMember})`,
      })
      .where(sql`${groups.seq} in (${listedGroups(v)})`),
  { touches: 'partition' },
)

export const enterGroups = statement<Change>(
  (v) =>
    insertSelect(
      groupMembers,
      { groupSeq: sql`entered.seq`, entitySeq: directoryEntities.seq },
      sql`from ${listedEntities(v)} cross join (${listedGroups(v)}) entered where ${isWritten(v)}
        on conflict do nothing`,
    ),
  { touches: 'partition' },
)

/** Run before {@link leaveGroups}. */
export const countLeaving = statement(
  (v: Slots<Change>) =>
    update(groups)
      .set({
        memberCount: sql`${groups.memberCount}
          - (select ${distinctEntities} from ${listedEntities(v)} where ${isWritten(v)} and ${isMember})`,
      })
      .where(sql`${groups.seq} in (${listedGroups(v)})`),
  { touches: 'partition' },
)

export const leaveGroups = statement(
  (v: Slots<Change>) =>
    deleteFrom(groupMembers).where(sql`
      ${groupMembers.groupSeq} in (${listedGroups(v)})
      and ${groupMembers.entitySeq} in (select ${directoryEntities.seq} from ${listedEntities(v)} where ${isWritten(v)})`),
  { touches: 'partition' },
)

type OfType = Accounts & { type: number }

/** Run after accounts were added under the stamp. */
export const countAdded = statement<OfType & { stamp: string }>(
  (v) =>
    insertSelect(
      directoryCounts,
      { partitionId: v.partition, type: v.type, count: distinctEntities },
      sql`from ${listedEntities(v)} where ${isWritten(v)} and ${directoryEntities.type} = ${v.type} group by 1
        on conflict do update set
          ${nameOf(directoryCounts.count)} = ${directoryCounts.count} + ${excluded(directoryCounts.count)}`,
    ),
  { touches: 'partition' },
)

/** Run before {@link removeEntities}, as is {@link countRemoved}. */
export const countLeavingAll = statement(
  (v: Slots<OfType>) =>
    update(groups)
      .set({
        memberCount: sql`${groups.memberCount}
          - (select ${distinctEntities} from ${listedEntities(v)}
             where ${directoryEntities.type} = ${v.type} and ${isMember})`,
      })
      .where(sql`${groups.seq} in (
        select ${groupMembers.groupSeq} from ${listedEntities(v)}
        cross join ${groupMembers} on ${groupMembers.entitySeq} = ${directoryEntities.seq})`),
  { touches: 'partition' },
)

export const countRemoved = statement(
  (v: Slots<OfType>) =>
    update(directoryCounts)
      .set({
        count: sql`${directoryCounts.count}
          - (select ${distinctEntities} from ${listedEntities(v)} where ${directoryEntities.type} = ${v.type})`,
      })
      .where(and(eq(directoryCounts.partitionId, v.partition), eq(directoryCounts.type, v.type))),
  { touches: 'partition' },
)

/** Removes accounts of a type with all that hangs on them, and returns the ids of those that were there. */
export const removeEntities = statement(
  (v: Slots<OfType>) =>
    deleteFrom(directoryEntities)
      .where(sql`
        ${directoryEntities.type} = ${v.type}
        and ${directoryEntities.seq} in (select ${directoryEntities.seq} from ${listedEntities(v)})`)
      .returning({ id: directoryEntities.id }),
  { touches: 'partition' },
)

/** The ids of the groups an account was entered in, as a JSON array in the order of the groups' creation. */
export const groupIdsOf = () => sql<string>`(
  select json_group_array(joined.id) from (
    select ${groups.id} as id from ${groupMembers} join ${groups} on ${groups.seq} = ${groupMembers.groupSeq}
    where ${groupMembers.entitySeq} = ${directoryEntities.seq} order by ${groups.seq}) joined)`

/**
 * The ids of {@link groupIdsOf}, and Everyone's. Real server: users and robot accounts list it without having been entered
 * (observed), and the list is never null (its SDK's own tests).
 */
export function groupIdsWithEveryone(entered: string): string[] {
  const ids: string[] = JSON.parse(entered)
  return ids.some((id) => sameId(id, EVERYONE)) ? ids : [EVERYONE, ...ids]
}
