// Questions to D1 about who is in a group, and about several groups at once.
import { sql } from 'drizzle-orm'
import { bind, type Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { type MemberRow, memberColumns, USER_TYPE } from '../directory/member.ts'
import { selectPartition } from '../partitions/find-partition.ts'
import { type FoundGroupRow, type GroupKey, type GroupRow, groupColumnsOnly, selectGroup } from './group.queries.ts'
import { EVERYONE } from './group.schema.ts'
import { groupMembers, groups } from './group.table.ts'
import { entitiesIn, isGroup, type ListedGroups, listedGroups } from './listed-ids.ts'

const { placeholder } = sql

const isEveryone = sql`${groups.id} = ${sql.raw(`'${EVERYONE}'`)}`

const countMembers = statement<GroupKey, { count: number }>(
  () => sql`
    select case when ${isEveryone} then 0 else ${groups.memberCount} end as "count" from ${groups} where ${isGroup}`,
)

// Real server: nobody is listed in Everyone (observed). What is skipped is skipped in the index, unseen otherwise.
const selectPage = statement<GroupKey & { top: number; skip: number }, { id: string; type: number }>(
  () => sql`
    select ${directoryEntities.id} as "id", ${directoryEntities.type} as "type"
    from (
      select entity_seq from ${groupMembers}
      where group_seq = (select ${groups.seq} from ${groups} where ${isGroup} and not ${isEveryone})
      order by entity_seq limit ${placeholder('top')} offset ${placeholder('skip')}) page
    cross join ${directoryEntities} on ${directoryEntities.seq} = page.entity_seq
    order by page.entity_seq`,
)

/** A page of the group's members in directory order; `partition` and `group` are undefined where they are unknown. */
export async function pageMembers(database: Database, key: GroupKey, page: { top: number; skip: number }) {
  const { top, skip } = page
  const { partition, group } = key
  const [[row], [counted], members] = await database.batch(
    bind(selectGroup, { partition, group }),
    bind(countMembers, { partition, group }),
    bind(selectPage, { partition, group, top, skip }),
  )
  return { ...known(row), totalCount: counted?.count ?? 0, members }
}

// Everybody is in Everyone, but applications are nobody.
const isMember = sql`(
  ${isEveryone} and ${directoryEntities.type} <> ${sql.raw(String(USER_TYPE.application))}
  or exists (
    select 1 from ${groupMembers}
    where ${groupMembers.groupSeq} = ${groups.seq} and ${groupMembers.entitySeq} = ${directoryEntities.seq}))`

const selectThoseIn = statement<GroupKey & { entities: string }, MemberRow>(
  () => sql`
    select ${memberColumns()}
    from (${entitiesIn(sql`${placeholder('entities')}`)}) asked
    cross join ${directoryEntities} on ${directoryEntities.seq} = asked.seq
    cross join ${groups} on ${isGroup}
    where ${isMember}
    order by ${directoryEntities.seq}`,
)

/** Those of `entities` that are in the group, in directory order. */
export async function checkMembers(database: Database, key: GroupKey, entities: readonly string[]) {
  const { partition, group } = key
  const [[row], members] = await database.batch(
    bind(selectGroup, { partition, group }),
    bind(selectThoseIn, { partition, group, entities: JSON.stringify(entities) }),
  )
  return { ...known(row), members }
}

const known = (row: FoundGroupRow | undefined) => ({ partition: row?.partition, group: row?.id ?? undefined })

const selectListed = statement<ListedGroups, GroupRow>(
  () => sql`select ${groupColumnsOnly()} from ${listedGroups} group by ${groups.seq} order by min(listed.key)`,
)

const selectListedMembers = statement<ListedGroups, MemberRow & { group: string }>(
  () => sql`
    select asked.id as "group", ${memberColumns()}
    from (select distinct ${groups.seq}, ${groups.id} as "id" from ${listedGroups}) asked
    cross join ${groupMembers} on ${groupMembers.groupSeq} = asked.seq
    cross join ${directoryEntities} on ${directoryEntities.seq} = ${groupMembers.entitySeq}
    order by asked.seq, ${groupMembers.entitySeq}`,
)

/** The groups of those ids with their members, once each, in the order of `ids`; undefined for an unknown partition. */
export async function loadGroups(database: Database, partition: string, ids: readonly string[]) {
  const values = { partition, groups: JSON.stringify(ids) }
  const [[found], rows, members] = await database.batch(
    bind(selectPartition, { partition }),
    bind(selectListed, values),
    bind(selectListedMembers, values),
  )
  const byGroup = Map.groupBy(members, ({ group }) => group)
  return found && rows.map((row) => ({ row, members: byGroup.get(row.id) ?? [] }))
}
