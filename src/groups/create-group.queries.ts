// The one question to D1 that creates a group with its members, all of it or nothing.
import { sql } from 'drizzle-orm'
import { bind, type Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { partitions } from '../partitions/partition.table.ts'
import { existing, type FoundGroupRow, type GroupKey, groupColumns, selectMembers } from './group.queries.ts'
import { GROUP_TYPE } from './group.schema.ts'
import { groupMembers, groups } from './group.table.ts'
import { entitiesIn, isGroup, unknownEntities } from './listed-ids.ts'

export interface NewGroup extends GroupKey {
  name: string
  /** Ids of its members; all of them must be known. */
  members: readonly string[]
  now: string
}

const { placeholder } = sql

const nameIsTaken = sql`exists (
  select 1 from ${groups} other where other.partition_id = ${placeholder('partition')} and other.name = ${placeholder('name')})`

const idIsTaken = sql`exists (
  select 1 from ${groups} other where other.partition_id = ${placeholder('partition')} and other.id = ${placeholder('group')})`

const unknownIds = unknownEntities(sql`${placeholder('members')}`)
const listed = entitiesIn(sql`${placeholder('members')}`)

type Stamped = GroupKey & { stamp: string; members: string }

const insert = statement<Stamped & { name: string; now: string }>(
  () => sql`
    insert into ${groups} (partition_id, id, name, type, creation_time, member_count, concurrency_stamp)
    select ${partitions.id}, ${placeholder('group')}, ${placeholder('name')}, ${sql.raw(String(GROUP_TYPE.custom))},
      ${placeholder('now')}, (select count(*) from (${listed})), ${placeholder('stamp')}
    from ${partitions}
    where ${partitions.id} = ${placeholder('partition')}
      and not ${idIsTaken} and not ${nameIsTaken} and not exists (${unknownIds})`,
)

const enter = statement<Stamped>(
  () => sql`
    insert into ${groupMembers} (group_seq, entity_seq)
    select ${groups.seq}, entities.seq from ${groups} cross join (${listed}) entities
    where ${isGroup} and ${groups.concurrencyStamp} = ${placeholder('stamp')}`,
)

type Outcome = FoundGroupRow & { written: number; idTaken: number; nameTaken: number; unknownIds: string }

const outcome = statement<Stamped & { name: string }, Outcome>(
  () => sql`
    select ${groupColumns()}, coalesce(${groups.concurrencyStamp} = ${placeholder('stamp')}, 0) as "written",
      ${groups.id} is not null as "idTaken", ${nameIsTaken} as "nameTaken",
      (select json_group_array(value) from (${unknownIds} limit 10)) as "unknownIds"
    from ${partitions}
    left join ${groups} on ${groups.partitionId} = ${partitions.id} and ${groups.id} = ${placeholder('group')}
    where ${partitions.id} = ${placeholder('partition')}`,
)

/**
 * Creates the group and returns it with its members. If it was not `written`, nothing has changed and the rest of
 * the result says why.
 */
export async function createGroup(database: Database, { partition, group, name, now, ...rest }: NewGroup) {
  const members = JSON.stringify(rest.members)
  const stamped = { partition, group, members, stamp: crypto.randomUUID() }
  const [, , [row], found] = await database.batch(
    bind(insert, { ...stamped, name, now }),
    bind(enter, stamped),
    bind(outcome, { ...stamped, name }),
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
