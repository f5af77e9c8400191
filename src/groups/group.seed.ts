// Groups to plant: the built-in ones every partition has, and others.
import { eq, sql } from 'drizzle-orm'
import { bind } from '../database/bound.ts'
import { insertSelect, update } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { EVERYONE, GROUP_TYPE } from './group.schema.ts'
import { groupMembers, groups } from './group.table.ts'
import { groupKeysOf, plantGroupKeys } from './group-name-keys.ts'

export interface GroupSeed {
  id: string
  name: string
  type: number
  creationTime: string
  lastModificationTime: string | null
  /** Ids of directory entities of the same partition. */
  members: readonly string[]
}

/** Real server: the cloud has this group, older installations do not (documented). */
export const CITIZEN_DEVELOPERS = '65bac4da-2a5b-459a-8f49-318dc95c06a6'

/** Real server: the same GUIDs in every organization; `lastModificationTime` is the time of creation (documented). */
export const builtInGroups = (creationTime: string): GroupSeed[] =>
  [
    { id: EVERYONE, name: 'Everyone' },
    { id: '35551807-06b1-4cda-90a1-2fb84851eee7', name: 'Administrators' },
    { id: '4d161738-7204-4794-b839-8f7fed28366c', name: 'Automation Developers' },
    { id: 'cdc34b5b-77d2-4ae1-9744-209d21ce557d', name: 'Automation Users' },
    { id: CITIZEN_DEVELOPERS, name: 'Citizen Developers' },
  ].map((group) => ({
    ...group,
    type: GROUP_TYPE.builtIn,
    creationTime,
    lastModificationTime: creationTime,
    members: [],
  }))

const insertGroups = statement<{ partition: string; groups: string }>(
  (v) =>
    insertSelect(
      groups,
      {
        partitionId: v.partition,
        id: sql`value ->> 'id'`,
        name: sql`value ->> 'name'`,
        type: sql`value ->> 'type'`,
        creationTime: sql`value ->> 'creationTime'`,
        lastModificationTime: sql`value ->> 'lastModificationTime'`,
      },
      sql`from json_each(${v.groups}) order by key`,
    ),
  { touches: 'partition' },
)

const insertMembers = statement<{ partition: string; groups: string }>(
  (v) =>
    insertSelect(
      groupMembers,
      { groupSeq: groups.seq, entitySeq: directoryEntities.seq },
      sql`
        from json_each(${v.groups}) planted, json_each(planted.value, '$.members') member
        cross join ${groups} on ${groups.partitionId} = ${v.partition} and ${groups.id} = planted.value ->> 'id'
        cross join ${directoryEntities}
          on ${directoryEntities.partitionId} = ${v.partition} and ${directoryEntities.id} = member.value`,
    ),
  { touches: 'partition' },
)

/** Sets the number of members of each group of a partition, after they were planted. */
export const countMembers = statement(
  (v: Slots<{ partition: string }>) =>
    update(groups)
      .set({ memberCount: sql`(select count(*) from ${groupMembers} where ${groupMembers.groupSeq} = ${groups.seq})` })
      .where(eq(groups.partitionId, v.partition)),
  { touches: 'partition' },
)

/** Groups with their members; the directory has to be planted before. */
export function plantGroups(partition: string, seeds: readonly GroupSeed[]) {
  const values = { partition, groups: JSON.stringify(seeds) }
  // The database folds ASCII itself. Without keys the built-in groups can be planted before the table of keys is there.
  const folded = groupKeysOf(seeds.filter(({ name }) => /[^\x20-\x7e]/.test(name)))
  return [
    bind(insertGroups, values),
    ...(folded.length > 0 ? [bind(plantGroupKeys, { partition, keys: JSON.stringify(folded) })] : []),
    bind(insertMembers, values),
    bind(countMembers, { partition }),
  ] as const
}
