// Questions to D1 that read groups.
import { sql } from 'drizzle-orm'
import { bind, type Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { type MemberRow, memberColumns } from '../directory/member.ts'
import { partitions } from '../partitions/partition.table.ts'
import { groupMembers, groups } from './group.table.ts'

/** A group by its id, and the partition that id is unique in. */
export interface GroupKey {
  partition: string
  group: string
}

export interface GroupRow {
  id: string
  name: string
  type: number
  creationTime: string
  lastModificationTime: string | null
}

/** A partition's row beside a group's: the group's columns are null where there is none. */
export type FoundGroupRow = { partition: string } & { [Column in keyof GroupRow]: GroupRow[Column] | null }

const { placeholder } = sql

/** The columns of a {@link GroupRow}. */
export const groupColumnsOnly = () => sql`
  ${groups.id} as "id", ${groups.name} as "name", ${groups.type} as "type",
  ${groups.creationTime} as "creationTime", ${groups.lastModificationTime} as "lastModificationTime"`

/** The columns of a {@link FoundGroupRow}. */
export const groupColumns = () => sql`${partitions.id} as "partition", ${groupColumnsOnly()}`

const selectGroups = statement<{ partition: string }, FoundGroupRow>(
  () => sql`
    select ${groupColumns()}
    from ${partitions} left join ${groups} on ${groups.partitionId} = ${partitions.id}
    where ${partitions.id} = ${placeholder('partition')}
    order by ${groups.seq}`,
)

/** A partition and, if there is one, its group. */
export const selectGroup = statement<GroupKey, FoundGroupRow>(
  () => sql`
    select ${groupColumns()}
    from ${partitions}
    left join ${groups} on ${groups.partitionId} = ${partitions.id} and ${groups.id} = ${placeholder('group')}
    where ${partitions.id} = ${placeholder('partition')}`,
)

/** Members of a group in directory order. */
export const selectMembers = statement<GroupKey, MemberRow>(
  () => sql`
    select ${memberColumns()}
    from ${groups}
    join ${groupMembers} on ${groupMembers.groupSeq} = ${groups.seq}
    join ${directoryEntities} on ${directoryEntities.seq} = ${groupMembers.entitySeq}
    where ${groups.partitionId} = ${placeholder('partition')} and ${groups.id} = ${placeholder('group')}
    order by ${groupMembers.entitySeq}`,
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
