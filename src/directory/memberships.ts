// Who is in which group, seen from the accounts: the statements that add users and robot accounts to groups and
// to the directory, and remove them. Each takes accounts as a JSON array of ids. Counts have statements of their own.
import { and, eq, sql } from 'drizzle-orm'
import { deleteFrom, excluded, insertSelect, nameOf, update } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { EVERYONE } from '../groups/group.schema.ts'
import { groupMembers, groups } from '../groups/group.table.ts'
import { hasMember } from '../groups/is-member.ts'
import { listedGroups } from '../groups/listed-groups.ts'
import { sameId } from '../http/identifier.ts'
import { directoryCounts, directoryEntities } from './directory.table.ts'
import { listedEntities } from './listed-entities.ts'

/** `entities` and `groups` are JSON arrays of ids; unknown ids are ignored. */
export interface Accounts {
  partition: string
  entities: string
}

type Change = Accounts & { groups: string; stamp: string }

const listedAccounts = (v: Slots<Accounts>) => listedEntities(v, v.entities)

const selectListedGroups = (v: Slots<Change>) => sql`select ${groups.seq} as seq from ${listedGroups(v, v.groups)}`

/** Holds for accounts that this batch wrote: a batch whose write was refused changes no membership. */
const isWritten = (v: Slots<{ stamp: string }>) => sql`${directoryEntities.concurrencyStamp} = ${v.stamp}`

const isMember = hasMember(directoryEntities.seq)

const distinctEntities = sql`count(distinct ${directoryEntities.seq})`

/**
 * Raises `memberCount` by the accounts that are not members yet. Run before {@link addToGroups}, which makes them so.
 */
export const raiseMemberCounts = statement(
  (v: Slots<Change>) =>
    update(groups)
      .set({
        memberCount: sql`${groups.memberCount}
          + (select ${distinctEntities} from ${listedAccounts(v)} where ${isWritten(v)} and not ${isMember})`,
      })
      .where(sql`${groups.seq} in (${selectListedGroups(v)})`),
  { touches: 'partition' },
)

export const addToGroups = statement<Change>(
  (v) =>
    insertSelect(
      groupMembers,
      { groupSeq: sql`entered.seq`, entitySeq: directoryEntities.seq },
      sql`from ${listedAccounts(v)} cross join (${selectListedGroups(v)}) entered where ${isWritten(v)}
        on conflict do nothing`,
    ),
  { touches: 'partition' },
)

/** Lowers `memberCount` by the accounts that are members. Run before {@link removeFromGroups}. */
export const lowerMemberCounts = statement(
  (v: Slots<Change>) =>
    update(groups)
      .set({
        memberCount: sql`${groups.memberCount}
          - (select ${distinctEntities} from ${listedAccounts(v)} where ${isWritten(v)} and ${isMember})`,
      })
      .where(sql`${groups.seq} in (${selectListedGroups(v)})`),
  { touches: 'partition' },
)

export const removeFromGroups = statement(
  (v: Slots<Change>) =>
    deleteFrom(groupMembers).where(sql`
      ${groupMembers.groupSeq} in (${selectListedGroups(v)})
      and ${groupMembers.entitySeq} in (select ${directoryEntities.seq} from ${listedAccounts(v)} where ${isWritten(v)})`),
  { touches: 'partition' },
)

type OfType = Accounts & { type: number }

/** Raises the number of accounts of a type by those that this batch added. Run after the insert. */
export const raiseEntityCount = statement<OfType & { stamp: string }>(
  (v) =>
    insertSelect(
      directoryCounts,
      { partitionId: v.partition, type: v.type, count: distinctEntities },
      sql`from ${listedAccounts(v)} where ${isWritten(v)} and ${directoryEntities.type} = ${v.type} group by 1
        on conflict do update set
          ${nameOf(directoryCounts.count)} = ${directoryCounts.count} + ${excluded(directoryCounts.count)}`,
    ),
  { touches: 'partition' },
)

/** Lowers `memberCount` of every group that has the accounts. Run before {@link removeEntities}. */
export const lowerMemberCountsOfRemoved = statement(
  (v: Slots<OfType>) =>
    update(groups)
      .set({
        memberCount: sql`${groups.memberCount}
          - (select ${distinctEntities} from ${listedAccounts(v)}
             where ${directoryEntities.type} = ${v.type} and ${isMember})`,
      })
      .where(sql`${groups.seq} in (
        select ${groupMembers.groupSeq} from ${listedAccounts(v)}
        cross join ${groupMembers} on ${groupMembers.entitySeq} = ${directoryEntities.seq})`),
  { touches: 'partition' },
)

/** Lowers the number of accounts of a type by those that are there. Run before {@link removeEntities}. */
export const lowerEntityCount = statement(
  (v: Slots<OfType>) =>
    update(directoryCounts)
      .set({
        count: sql`${directoryCounts.count}
          - (select ${distinctEntities} from ${listedAccounts(v)} where ${directoryEntities.type} = ${v.type})`,
      })
      .where(and(eq(directoryCounts.partitionId, v.partition), eq(directoryCounts.type, v.type))),
  { touches: 'partition' },
)

/**
 * Removes accounts of a type, and by foreign keys their settings and memberships, and returns the ids of those that
 * were there.
 */
export const removeEntities = statement(
  (v: Slots<OfType>) =>
    deleteFrom(directoryEntities)
      .where(sql`
        ${directoryEntities.type} = ${v.type}
        and ${directoryEntities.seq} in (select ${directoryEntities.seq} from ${listedAccounts(v)})`)
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
