// The one question to D1 that changes a group: rename it, add and remove members, all of it or nothing.
import { sql } from 'drizzle-orm'
import { bind, type Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { partitions } from '../partitions/partition.table.ts'
import { existing, type FoundGroupRow, type GroupKey, groupColumns, selectMembers } from './group.queries.ts'
import { GROUP_TYPE } from './group.schema.ts'
import { groupMembers, groups } from './group.table.ts'
import { entitiesIn, isGroup, unknownEntities } from './listed-ids.ts'

export interface GroupChange extends GroupKey {
  name: string
  /** Ids the caller asked to add; all of them must be known. */
  asked: readonly string[]
  add: readonly string[]
  remove: readonly string[]
  now: string
}

const { placeholder } = sql

/** Holds in the statements after the update if and only if the update took hold. */
const wasWritten = sql`${isGroup} and ${groups.concurrencyStamp} = ${placeholder('stamp')}`

const nameIsTaken = sql`exists (
  select 1 from ${groups} other
  where other.partition_id = ${placeholder('partition')} and other.name = ${placeholder('name')}
    and other.id <> ${placeholder('group')})`

const isBuiltIn = sql`${groups.type} = ${sql.raw(String(GROUP_TYPE.builtIn))}`

/** Those of the asked ids that the directory does not have. */
const unknownIds = unknownEntities(sql`${placeholder('asked')}`)

const isMember = sql`
  select 1 from ${groupMembers} present
  where present.group_seq = ${groups.seq} and present.entity_seq = entities.seq`

/** What the change does to the number of members. */
const difference = sql`
  (select count(*) from (${entitiesIn(sql`${placeholder('add')}`)}) entities where not exists (${isMember}))
  - (select count(*) from (${entitiesIn(sql`${placeholder('remove')}`)}) entities where exists (${isMember}))`

type Update = GroupKey & { name: string; now: string; stamp: string; asked: string; add: string; remove: string }

const update = statement<Update>(
  () => sql`
    update ${groups} set
      name = case when ${isBuiltIn} then name else ${placeholder('name')} end,
      last_modification_time = ${placeholder('now')}, member_count = member_count + ${difference},
      concurrency_stamp = ${placeholder('stamp')}
    where ${isGroup} and not (${isBuiltIn} and ${groups.name} <> ${placeholder('name')})
      and not ${nameIsTaken} and not exists (${unknownIds})`,
)

const addMembers = statement<GroupKey & { stamp: string; add: string }>(
  () => sql`
    insert into ${groupMembers} (group_seq, entity_seq)
    select ${groups.seq}, entities.seq from ${groups} cross join (${entitiesIn(sql`${placeholder('add')}`)}) entities
    where ${wasWritten}
    on conflict do nothing`,
)

const removeMembers = statement<GroupKey & { stamp: string; remove: string }>(
  () => sql`
    delete from ${groupMembers}
    where group_seq = (select ${groups.seq} from ${groups} where ${wasWritten})
      and entity_seq in (${entitiesIn(sql`${placeholder('remove')}`)})`,
)

type Outcome = FoundGroupRow & { written: number | null; nameTaken: number | null; unknownIds: string | null }

const outcome = statement<GroupKey & { name: string; stamp: string; asked: string }, Outcome>(
  () => sql`
    select ${groupColumns()}, ${groups.concurrencyStamp} = ${placeholder('stamp')} as "written",
      case when ${groups.concurrencyStamp} <> ${placeholder('stamp')} then ${nameIsTaken} end as "nameTaken",
      case when ${groups.concurrencyStamp} <> ${placeholder('stamp')}
        then (select json_group_array(value) from (${unknownIds} limit 10)) end as "unknownIds"
    from ${partitions}
    left join ${groups} on ${groups.partitionId} = ${partitions.id} and ${groups.id} = ${placeholder('group')}
    where ${partitions.id} = ${placeholder('partition')}`,
)

/**
 * Applies `change` and returns the group as it is afterwards. If it was not `written`, nothing has changed
 * and the rest of the result says why.
 */
export async function updateGroup(database: Database, change: GroupChange) {
  const { partition, group, name, now } = change
  const key = { partition, group }
  const written = { ...key, stamp: crypto.randomUUID() }
  const asked = JSON.stringify(change.asked)
  const add = JSON.stringify(change.add)
  const remove = JSON.stringify(change.remove)
  const [, , , [row], members] = await database.batch(
    bind(update, { ...written, name, now, asked, add, remove }),
    bind(addMembers, { ...written, add }),
    bind(removeMembers, { ...written, remove }),
    bind(outcome, { ...written, name, asked }),
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
