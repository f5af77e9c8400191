// The batch that creates a group with its members, all of it or nothing.
import { and, eq, sql } from 'drizzle-orm'
import { bind } from '../database/bound.ts'
import type { Database } from '../database/database.ts'
import { insertSelect, select } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { selectListedEntities, selectUnknownEntities } from '../directory/listed-entities.ts'
import { foldName } from '../http/fold-name.ts'
import { partitions } from '../partitions/partition.table.ts'
import { countNewcomers, enterDirectory, isOfDirectory } from './enter-directory.queries.ts'
import {
  existing,
  foundGroupFields,
  type GroupKey,
  isGroup,
  otherGroups,
  selectMembers,
  selectNamed,
} from './group.queries.ts'
import { GROUP_TYPE } from './group.schema.ts'
import { groupMembers, groups } from './group.table.ts'
import { keepGroupKey, selectKeyed } from './group-name-keys.ts'

export interface NewGroup extends GroupKey {
  name: string
  /** Ids of its members; all of them must be known. */
  members: readonly string[]
  now: string
}

/** `asked` is those of `members` that have to be known. */
type Stamped = GroupKey & { stamp: string; members: string; asked: string }

const nameIsTaken = (v: Slots<{ partition: string; name: string; nameKey: string }>) =>
  sql<number>`(exists (${selectNamed(v)}) or exists (${selectKeyed(v)}))`

const idIsTaken = (v: Slots<GroupKey>) => sql`exists (
  select 1 from ${groups} ${otherGroups}
  where ${otherGroups.partitionId} = ${v.partition} and ${otherGroups.id} = ${v.group})`

type Named = Stamped & { name: string; nameKey: string }

const insertGroup = statement<Named & { now: string; newcomers: string }>(
  (v) =>
    insertSelect(
      groups,
      {
        partitionId: partitions.id,
        id: v.group,
        name: v.name,
        type: sql.raw(String(GROUP_TYPE.custom)),
        creationTime: v.now,
        memberCount: sql`(select count(*) from (${selectListedEntities(v, v.members)})) + ${countNewcomers(v)}`,
        concurrencyStamp: v.stamp,
      },
      sql`from ${partitions} where ${partitions.id} = ${v.partition}
        and not ${idIsTaken(v)} and not ${nameIsTaken(v)} and not exists (${selectUnknownEntities(v, v.asked)})`,
    ),
  { touches: 'partition' },
)

const keepKey = keepGroupKey<Named>((v) => sql`${isGroup(v)} and ${groups.concurrencyStamp} = ${v.stamp}`)

const insertMembers = statement<Stamped>(
  (v) =>
    insertSelect(
      groupMembers,
      { groupSeq: groups.seq, entitySeq: sql`entities.seq` },
      sql`from ${groups} cross join (${selectListedEntities(v, v.members)}) entities
        where ${isGroup(v)} and ${groups.concurrencyStamp} = ${v.stamp}`,
    ),
  { touches: 'partition' },
)

const selectOutcome = statement(
  (v: Slots<Named>) =>
    select({
      ...foundGroupFields,
      written: sql<number>`coalesce(${groups.concurrencyStamp} = ${v.stamp}, 0)`,
      idTaken: sql<number>`${groups.id} is not null`,
      nameTaken: nameIsTaken(v),
      unknownIds: sql<string>`(select json_group_array(value) from (${selectUnknownEntities(v, v.asked)} limit 10))`,
    })
      .from(partitions)
      .leftJoin(groups, and(eq(groups.partitionId, partitions.id), eq(groups.id, v.group)))
      .where(eq(partitions.id, v.partition)),
  { touches: 'partition' },
)

/**
 * Creates the group and returns it with its members. If it was not `written`, nothing has changed and the rest of
 * the result says why.
 */
export async function createGroup(database: Database, { partition, group, name, now, ...rest }: NewGroup) {
  const members = JSON.stringify(rest.members)
  const newcomers = JSON.stringify(rest.members.filter(isOfDirectory))
  const asked = JSON.stringify(rest.members.filter((id) => !isOfDirectory(id)))
  const stamped = { partition, group, members, asked, stamp: crypto.randomUUID() }
  const named = { ...stamped, name, nameKey: foldName(name) }
  const [, , , , , , [row], found] = await database.batch(
    bind(insertGroup, { ...named, now, newcomers }),
    bind(keepKey, named),
    ...enterDirectory({ partition, group, newcomers, now, stamp: stamped.stamp }),
    bind(insertMembers, stamped),
    bind(selectOutcome, named),
    bind(selectMembers, { partition, group }),
  )
  const unknown: string[] = JSON.parse(row?.unknownIds ?? '[]')
  return {
    partition: row?.partition,
    group: row && existing(row),
    written: row?.written === 1,
    idTaken: row?.idTaken === 1,
    nameTaken: row?.nameTaken === 1,
    unknown,
    members: found,
  }
}
