// The batch that changes a group: it renames it, adds and removes members, all of it or nothing.
import { and, eq, sql } from 'drizzle-orm'
import { bind } from '../database/bound.ts'
import type { Database } from '../database/database.ts'
import { deleteFrom, insertSelect, select, update } from '../database/query-builder.ts'
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
import { hasMember } from './is-member.ts'

export interface GroupChange extends GroupKey {
  name: string
  /** Ids the caller asked to add; all of them must be known. */
  asked: readonly string[]
  add: readonly string[]
  remove: readonly string[]
  now: string
}

type Stamped = GroupKey & { stamp: string }

/** Holds, in the statements after {@link updateRow}, if and only if that one changed the group. */
const isWritten = (v: Slots<Stamped>) => sql`${isGroup(v)} and ${groups.concurrencyStamp} = ${v.stamp}`

const nameIsTaken = (v: Slots<GroupKey & { name: string; nameKey: string }>) => sql`(
  exists (${selectNamed(v)} and ${otherGroups.id} <> ${v.group})
  or exists (${selectKeyed(v)} and ${groups.id} <> ${v.group}))`

const isBuiltIn = eq(groups.type, GROUP_TYPE.builtIn)

const isMember = hasMember(sql`entities.seq`)

/** How many members the change adds, less those it removes. */
const memberDifference = (v: Slots<{ partition: string; add: string; remove: string; newcomers: string }>) => sql`
  (select count(*) from (${selectListedEntities(v, v.add)}) entities where not ${isMember})
  + ${countNewcomers(v)}
  - (select count(*) from (${selectListedEntities(v, v.remove)}) entities where ${isMember})`

type Update = Stamped & Record<'name' | 'nameKey' | 'now' | 'asked' | 'add' | 'remove' | 'newcomers', string>

const updateRow = statement(
  (v: Slots<Update>) =>
    update(groups)
      .set({
        name: sql`case when ${isBuiltIn} then ${groups.name} else ${v.name} end`,
        lastModificationTime: sql`${v.now}`,
        memberCount: sql`${groups.memberCount} + ${memberDifference(v)}`,
        concurrencyStamp: sql`${v.stamp}`,
      })
      .where(sql`
        ${isGroup(v)} and not (${isBuiltIn} and ${groups.name} <> ${v.name})
        and not ${nameIsTaken(v)} and not exists (${selectUnknownEntities(v, v.asked)})`),
  { touches: 'partition' },
)

const keepKey = keepGroupKey<Stamped & { name: string; nameKey: string }>(isWritten)

const addMembers = statement<Stamped & { add: string }>(
  (v) =>
    insertSelect(
      groupMembers,
      { groupSeq: groups.seq, entitySeq: sql`entities.seq` },
      sql`from ${groups} cross join (${selectListedEntities(v, v.add)}) entities
        where ${isWritten(v)} on conflict do nothing`,
    ),
  { touches: 'partition' },
)

const removeMembers = statement(
  (v: Slots<Stamped & { remove: string }>) =>
    deleteFrom(groupMembers).where(sql`
      ${groupMembers.groupSeq} = (select ${groups.seq} from ${groups} where ${isWritten(v)})
      and ${groupMembers.entitySeq} in (${selectListedEntities(v, v.remove)})`),
  { touches: 'partition' },
)

const selectOutcome = statement(
  (v: Slots<Stamped & { name: string; nameKey: string; asked: string }>) => {
    const isUnwritten = sql`${groups.concurrencyStamp} <> ${v.stamp}`
    const unknownIds = selectUnknownEntities(v, v.asked)
    return select({
      ...foundGroupFields,
      written: sql<number | null>`${groups.concurrencyStamp} = ${v.stamp}`,
      nameTaken: sql<number | null>`case when ${isUnwritten} then ${nameIsTaken(v)} end`,
      unknownIds: sql<string | null>`
        case when ${isUnwritten} then (select json_group_array(value) from (${unknownIds} limit 10)) end`,
    })
      .from(partitions)
      .leftJoin(groups, and(eq(groups.partitionId, partitions.id), eq(groups.id, v.group)))
      .where(eq(partitions.id, v.partition))
  },
  { touches: 'partition' },
)

/**
 * Applies `change` and returns the group as it is afterwards. If it was not `written`, nothing has changed
 * and the rest of the result says why.
 */
export async function updateGroup(database: Database, change: GroupChange) {
  const { partition, group, name, now } = change
  const key = { partition, group }
  const written = { ...key, stamp: crypto.randomUUID() }
  // Who is of another directory need not be known here.
  const asked = JSON.stringify(change.asked.filter((id) => !isOfDirectory(id)))
  const add = JSON.stringify(change.add)
  const remove = JSON.stringify(change.remove)
  const nameKey = foldName(name)
  const newcomers = change.add.filter(isOfDirectory)
  const entering = { ...written, now, newcomers: JSON.stringify(newcomers) }
  const changes = [
    bind(updateRow, { ...entering, name, nameKey, asked, add, remove }),
    ...(newcomers.length > 0 ? enterDirectory(entering) : []),
    bind(keepKey, { ...written, name, nameKey }),
    ...(change.add.length > 0 ? [bind(addMembers, { ...written, add })] : []),
    ...(change.remove.length > 0 ? [bind(removeMembers, { ...written, remove })] : []),
  ]
  const [[row], members] = await database.batchBehind(
    changes,
    bind(selectOutcome, { ...written, name, nameKey, asked }),
    bind(selectMembers, key),
  )
  const unknown: string[] = JSON.parse(row?.unknownIds ?? '[]')
  return {
    partition: row?.partition,
    group: row && existing(row),
    written: row?.written === 1,
    nameTaken: row?.nameTaken === 1,
    unknown,
    members,
  }
}
