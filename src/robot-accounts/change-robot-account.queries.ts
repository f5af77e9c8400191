// Questions to D1 that create, change and delete robot accounts, all of it or nothing.
import { sql } from 'drizzle-orm'
import { bind, type Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { directoryEntities as robots } from '../directory/directory.table.ts'
import { USER_TYPE } from '../directory/member.ts'
import {
  countAdded,
  countEntering,
  countLeaving,
  countLeavingAll,
  countRemoved,
  enterGroups,
  leaveGroups,
  removeEntities,
} from '../directory/memberships.ts'
import { groups } from '../groups/group.table.ts'
import { selectPartition } from '../partitions/find-partition.ts'
import { partitions } from '../partitions/partition.table.ts'
import { type RobotKey, robotType, selectRobot } from './robot-account.queries.ts'

const { placeholder } = sql
const type = USER_TYPE.robotAccount

/** Those of the asked groups that the partition does not have. */
const unknownGroups = sql`
  select asked.value from json_each(${placeholder('asked')}) asked
  where not exists (
    select 1 from ${groups}
    where ${groups.partitionId} = ${placeholder('partition')} and ${groups.id} = asked.value)`

const listUnknown = statement<{ partition: string; asked: string }, { id: string }>(
  () => sql`select value as "id" from (${unknownGroups} limit 10)`,
)

const nameIsTaken = sql`exists (
  select 1 from ${robots} other
  where other.partition_id = ${placeholder('partition')} and other.type = ${robotType}
    and other.name = ${placeholder('name')})`

type Stamped = RobotKey & { asked: string; now: string; stamp: string }

const insert = statement<Stamped & { name: string; displayName: string }>(
  () => sql`
    insert into ${robots} (partition_id, id, type, name, display_name, creation_time, concurrency_stamp)
    select ${partitions.id}, ${placeholder('robot')}, ${robotType}, ${placeholder('name')},
      ${placeholder('displayName')}, ${placeholder('now')}, ${placeholder('stamp')}
    from ${partitions}
    where ${partitions.id} = ${placeholder('partition')} and not ${nameIsTaken} and not exists (${unknownGroups})`,
)

export interface NewRobot {
  partition: string
  id: string
  name: string
  displayName: string
  /** Ids of the groups it enters; all of them must be known. */
  groups: readonly string[]
  now: string
}

/** Creates a robot account and returns it. If `robot` is undefined, nothing has changed and the rest says why. */
export async function createRobot(database: Database, { partition, id, name, displayName, now, ...rest }: NewRobot) {
  const asked = JSON.stringify(rest.groups)
  const stamp = crypto.randomUUID()
  const entering = { partition, entities: JSON.stringify([id]), groups: asked, stamp }
  const [[found], , , , , [robot], unknown] = await database.batch(
    bind(selectPartition, { partition }),
    bind(insert, { partition, robot: id, name, displayName, asked, now, stamp }),
    bind(countEntering, entering),
    bind(enterGroups, entering),
    bind(countAdded, { partition, entities: entering.entities, type, stamp }),
    bind(selectRobot, { partition, robot: id }),
    bind(listUnknown, { partition, asked }),
  )
  return { partition: found?.id, robot, unknown: unknown.map((group) => group.id) }
}

const update = statement<Stamped & { displayName: string | null }>(
  () => sql`
    update ${robots} set display_name = coalesce(${placeholder('displayName')}, display_name),
      last_modification_time = ${placeholder('now')}, concurrency_stamp = ${placeholder('stamp')}
    where ${robots.partitionId} = ${placeholder('partition')} and ${robots.type} = ${robotType}
      and ${robots.id} = ${placeholder('robot')} and not exists (${unknownGroups})`,
)

export interface RobotChange extends RobotKey {
  /** Null leaves it as it is. */
  displayName: string | null
  /** Ids of the groups the caller asked to enter; all of them must be known. */
  asked: readonly string[]
  enter: readonly string[]
  leave: readonly string[]
  now: string
}

/** Applies the change and returns the account. If it was not `written`, nothing has changed and the rest says why. */
export async function updateRobot(database: Database, { partition, robot, displayName, now, ...lists }: RobotChange) {
  const asked = JSON.stringify(lists.asked)
  const stamp = crypto.randomUUID()
  const account = { partition, entities: JSON.stringify([robot]), stamp }
  const entering = { ...account, groups: JSON.stringify(lists.enter) }
  const leaving = { ...account, groups: JSON.stringify(lists.leave) }
  const [[found], , , , , , [row], unknown] = await database.batch(
    bind(selectPartition, { partition }),
    bind(update, { partition, robot, displayName, asked, now, stamp }),
    bind(countEntering, entering),
    bind(enterGroups, entering),
    bind(countLeaving, leaving),
    bind(leaveGroups, leaving),
    bind(selectRobot, { partition, robot }),
    bind(listUnknown, { partition, asked }),
  )
  return {
    partition: found?.id,
    robot: row,
    written: row?.stamp === stamp,
    unknown: unknown.map((group) => group.id),
  }
}

/** Deletes those of the robot accounts that are there; `deleted` counts, `partition` is undefined if it is unknown. */
export async function deleteRobots(database: Database, partition: string, ids: readonly string[]) {
  const listed = { partition, entities: JSON.stringify(ids), type }
  const [[found], , , deleted] = await database.batch(
    bind(selectPartition, { partition }),
    bind(countLeavingAll, listed),
    bind(countRemoved, listed),
    bind(removeEntities, listed),
  )
  return { partition: found?.id, deleted: deleted.length }
}
