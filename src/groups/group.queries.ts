// Queries that read groups.
import { and, eq, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { bind } from '../database/bound.ts'
import type { Database } from '../database/database.ts'
import { select } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { memberFields } from '../directory/member.ts'
import { partitions } from '../partitions/partition.table.ts'
import { groupMembers, groups } from './group.table.ts'

/** A group by its id, and the partition that id is unique in. */
export interface GroupKey {
  partition: string
  group: string
}

/** What to select for a {@link GroupRow}. */
export const groupFields = {
  id: groups.id,
  name: groups.name,
  type: groups.type,
  creationTime: groups.creationTime,
  lastModificationTime: groups.lastModificationTime,
}

export type GroupRow = Pick<typeof groups.$inferSelect, keyof typeof groupFields>

/** A partition's row beside a group's: the group's columns are null where there is none. */
export type FoundGroupRow = { partition: string } & { [Column in keyof GroupRow]: GroupRow[Column] | null }

/** What to select for a {@link FoundGroupRow}. */
export const foundGroupFields = { partition: partitions.id, ...groupFields }

/** Holds for the one group that `group` names. */
export const isGroup = (v: Slots<GroupKey>) => sql`${groups.partitionId} = ${v.partition} and ${groups.id} = ${v.group}`

/** The table of groups a second time, for conditions on groups other than the one a statement is about. */
export const otherGroups = alias(groups, 'other')

/** Selects the groups that have the name, to be narrowed by what follows. */
export const selectNamed = (v: Slots<{ partition: string; name: string }>) => sql`
  select 1 from ${groups} ${otherGroups}
  where ${otherGroups.partitionId} = ${v.partition} and ${otherGroups.name} = ${v.name}`

const selectGroups = statement(
  (v: Slots<{ partition: string }>) =>
    select(foundGroupFields)
      .from(partitions)
      .leftJoin(groups, eq(groups.partitionId, partitions.id))
      .where(eq(partitions.id, v.partition))
      .orderBy(groups.seq),
  { touches: 'partition' },
)

/** A partition and, if there is one, its group. */
export const selectGroup = statement(
  (v: Slots<GroupKey>) =>
    select(foundGroupFields)
      .from(partitions)
      .leftJoin(groups, and(eq(groups.partitionId, partitions.id), eq(groups.id, v.group)))
      .where(eq(partitions.id, v.partition)),
  { touches: 'partition' },
)

/** Members of a group in directory order. */
export const selectMembers = statement(
  (v: Slots<GroupKey>) =>
    select(memberFields)
      .from(groups)
      .innerJoin(groupMembers, eq(groupMembers.groupSeq, groups.seq))
      .innerJoin(directoryEntities, eq(directoryEntities.seq, groupMembers.entitySeq))
      .where(isGroup(v))
      .orderBy(groupMembers.entitySeq),
  { touches: 'partition' },
)

/** The partition's groups in the order of their creation; undefined if the partition is unknown. */
export async function listGroups(database: Database, partition: string): Promise<GroupRow[] | undefined> {
  const rows = await database.all(selectGroups, { partition })
  return rows.length === 0 ? undefined : rows.flatMap((row) => existing(row) ?? [])
}

/** The group with its members; `partition` and `group` are undefined where they are unknown. */
export async function findGroup(database: Database, key: GroupKey) {
  const [[row], members] = await database.batch(bind(selectGroup, { ...key }), bind(selectMembers, { ...key }))
  return { partition: row?.partition, group: row && existing(row), members }
}

/** The group in a row, if there is one. */
export function existing(row: FoundGroupRow): GroupRow | undefined {
  const { id, name, type, creationTime, lastModificationTime } = row
  if (id === null || name === null || type === null || creationTime === null) return undefined
  return { id, name, type, creationTime, lastModificationTime }
}
