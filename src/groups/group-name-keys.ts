// Names of groups by their fold, which SQLite cannot compute: it is computed here and kept beside the group.
import { type SQL, sql } from 'drizzle-orm'
import { excluded, insertSelect, nameOf } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { foldName } from '../http/fold-name.ts'
import { groupNameKeys, groups } from './group.table.ts'

export interface GroupNameKey {
  key: string
  name: string
  /** The group's id. */
  group: string
}

/** The keys of groups. Of names that are the same only the first has one. */
export const groupKeysOf = (listed: readonly { id: string; name: string }[]): GroupNameKey[] => [
  ...new Map(
    listed.toReversed().map(({ id, name }) => [foldName(name), { key: foldName(name), name, group: id }]),
  ).values(),
]

/** Selects the groups whose name has the key; it counts only as long as the group has the name that it was made of. */
export const selectKeyed = (v: Slots<{ partition: string; nameKey: string }>) => sql`
  select 1 from ${groupNameKeys} cross join ${groups} on ${groups.seq} = ${groupNameKeys.groupSeq}
  where ${groupNameKeys.partitionId} = ${v.partition} and ${groupNameKeys.key} = ${v.nameKey}
    and ${groupNameKeys.name} = ${groups.name}`

const hasKey = (v: Slots<{ partition: string; nameKey: string }>) => sql`exists (
  select 1 from ${groupNameKeys}
  where ${groupNameKeys.partitionId} = ${v.partition} and ${groupNameKeys.key} = ${v.nameKey}
    and ${groupNameKeys.groupSeq} = ${groups.seq} and ${groupNameKeys.name} = ${groups.name})`

type Written = { partition: string; name: string; nameKey: string }

/** Inserts the key of the group that `isWritten` holds for, unless it is there. */
export const keepGroupKey = <Values extends Written>(isWritten: (v: Slots<Values>) => SQL) =>
  statement<Values>(
    (v) =>
      insertSelect(
        groupNameKeys,
        { partitionId: groups.partitionId, key: v.nameKey, name: groups.name, groupSeq: groups.seq },
        sql`from ${groups} where ${isWritten(v)} and ${groups.name} = ${v.name} and not ${hasKey(v)}
          on conflict do update set ${nameOf(groupNameKeys.name)} = ${excluded(groupNameKeys.name)},
            ${nameOf(groupNameKeys.groupSeq)} = ${excluded(groupNameKeys.groupSeq)}`,
      ),
    { touches: 'partition' },
  )

/** Keeps `keys`, a JSON array of {@link GroupNameKey}, of groups that were planted. */
export const plantGroupKeys = statement<{ partition: string; keys: string }>(
  (v) =>
    insertSelect(
      groupNameKeys,
      {
        partitionId: v.partition,
        key: sql`planted.value ->> 'key'`,
        name: sql`planted.value ->> 'name'`,
        groupSeq: groups.seq,
      },
      sql`from json_each(${v.keys}) planted cross join ${groups}
        on ${groups.partitionId} = ${v.partition} and ${groups.id} = planted.value ->> 'group'
        where true on conflict do nothing`,
    ),
  { touches: 'partition' },
)
