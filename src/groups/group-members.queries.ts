// Queries about who is in a group, and about several groups at once.
import { sql } from 'drizzle-orm'
import { bind } from '../database/bound.ts'
import type { Database } from '../database/database.ts'
import { select } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { selectListedEntities } from '../directory/listed-entities.ts'
import { type MemberRow, memberFields } from '../directory/member.ts'
import { selectPartition } from '../partitions/find-partition.ts'
import { type FoundGroupRow, type GroupKey, type GroupRow, groupFields, isGroup, selectGroup } from './group.queries.ts'
import { groupMembers, groups } from './group.table.ts'
import { isEveryone, isMember } from './is-member.ts'
import { listedGroups } from './listed-groups.ts'

const selectMemberCount = statement(
  (v: Slots<GroupKey>) =>
    select({ count: sql<number>`case when ${isEveryone} then 0 else ${groups.memberCount} end` })
      .from(groups)
      .where(isGroup(v)),
  { touches: 'partition' },
)

// Real server: nobody is listed in Everyone (observed). Members before the page are skipped in the index: their entities
// are not read.
const selectPage = statement<GroupKey & { top: number; skip: number }, { id: string; type: number }>(
  (v, row) => sql`
    select ${row({ id: directoryEntities.id, type: directoryEntities.type })}
    from (
      select ${groupMembers.entitySeq} as seq from ${groupMembers}
      where ${groupMembers.groupSeq} = (select ${groups.seq} from ${groups} where ${isGroup(v)} and not ${isEveryone})
      order by ${groupMembers.entitySeq} limit ${v.top} offset ${v.skip}) page
    cross join ${directoryEntities} on ${directoryEntities.seq} = page.seq
    order by page.seq`,
  { touches: 'partition' },
)

/** A page of the group's members in directory order; `partition` and `group` are undefined where they are unknown. */
export async function pageMembers(database: Database, key: GroupKey, page: { top: number; skip: number }) {
  const { top, skip } = page
  const { partition, group } = key
  const [[row], [counted], members] = await database.batch(
    bind(selectGroup, { partition, group }),
    bind(selectMemberCount, { partition, group }),
    bind(selectPage, { partition, group, top, skip }),
  )
  return { ...idsIn(row), totalCount: counted?.count ?? 0, members }
}

const selectMembersAmong = statement<GroupKey & { entities: string }, MemberRow>(
  (v, row) => sql`
    select ${row(memberFields)}
    from (${selectListedEntities(v, v.entities)}) asked
    cross join ${directoryEntities} on ${directoryEntities.seq} = asked.seq
    cross join ${groups} on ${isGroup(v)}
    where ${isMember}
    order by ${directoryEntities.seq}`,
  { touches: 'partition' },
)

/** Those of `entities` that are in the group, in directory order. */
export async function checkMembers(database: Database, key: GroupKey, entities: readonly string[]) {
  const { partition, group } = key
  const [[row], members] = await database.batch(
    bind(selectGroup, { partition, group }),
    bind(selectMembersAmong, { partition, group, entities: JSON.stringify(entities) }),
  )
  return { ...idsIn(row), members }
}

/** The ids of the partition and the group, each undefined if it is unknown. */
const idsIn = (row: FoundGroupRow | undefined) => ({ partition: row?.partition, group: row?.id ?? undefined })

/** `groups` is a JSON array of ids. */
type ListedGroups = { partition: string; groups: string }

const selectListed = statement<ListedGroups, GroupRow>(
  (v, row) => sql`
    select ${row(groupFields)} from ${listedGroups(v, v.groups)} group by ${groups.seq} order by min(listed.key)`,
  { touches: 'partition' },
)

const selectListedMembers = statement<ListedGroups, MemberRow & { group: string }>(
  (v, row) => sql`
    select ${row({ group: sql<string>`asked.id`, ...memberFields })}
    from (select distinct ${groups.seq} as seq, ${groups.id} as id from ${listedGroups(v, v.groups)}) asked
    cross join ${groupMembers} on ${groupMembers.groupSeq} = asked.seq
    cross join ${directoryEntities} on ${directoryEntities.seq} = ${groupMembers.entitySeq}
    order by asked.seq, ${groupMembers.entitySeq}`,
  { touches: 'partition' },
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
