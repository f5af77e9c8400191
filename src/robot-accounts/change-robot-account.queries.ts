// Batches that create, change and delete robot accounts, all of it or nothing.
import { sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { bind } from '../database/bound.ts'
import type { Database } from '../database/database.ts'
import { insertSelect, update } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { nameKeys, directoryEntities as robots } from '../directory/directory.table.ts'
import { USER_TYPE } from '../directory/member.ts'
import {
  addToGroups,
  lowerEntityCount,
  lowerMemberCounts,
  lowerMemberCountsOfRemoved,
  raiseEntityCount,
  raiseMemberCounts,
  removeEntities,
  removeFromGroups,
} from '../directory/memberships.ts'
import { holdersOf, replaceKeys } from '../directory/name-keys.ts'
import { isUnknownGroup } from '../groups/listed-groups.ts'
import { foldName } from '../http/fold-name.ts'
import { selectPartition } from '../partitions/find-partition.ts'
import { partitions } from '../partitions/partition.table.ts'
import { isRobot, type RobotKey, robotType, selectRobot } from './robot-account.queries.ts'

const type = USER_TYPE.robotAccount

type Asked = { partition: string; asked: string }

/** Those of the asked groups that the partition does not have. */
const unknownGroups = (v: Slots<Asked>) => sql`
  select asked.value from json_each(${v.asked}) asked where ${isUnknownGroup(v, sql`asked.value`)}`

const listUnknown = statement<Asked, { id: string }>(
  (v, row) => sql`select ${row({ id: sql`value` })} from (${unknownGroups(v)} limit 10)`,
  { touches: 'partition' },
)

const other = alias(robots, 'other')

const nameIsTaken = (v: Slots<{ partition: string; name: string; nameKey: string }>) => sql`(exists (
  select 1 from ${robots} ${other}
  where ${other.partitionId} = ${v.partition} and ${other.type} = ${robotType} and ${other.name} = ${v.name})
  or exists (select 1 from ${holdersOf(v, 'robotAccount', sql`${v.nameKey}`)}))`

type Stamped = RobotKey & Asked & { now: string; stamp: string }

const insertEntity = statement<Stamped & { name: string; nameKey: string; displayName: string }>(
  (v) =>
    insertSelect(
      robots,
      {
        partitionId: partitions.id,
        id: v.robot,
        type: robotType,
        name: v.name,
        displayName: v.displayName,
        creationTime: v.now,
        concurrencyStamp: v.stamp,
      },
      sql`from ${partitions}
        where ${partitions.id} = ${v.partition} and not ${nameIsTaken(v)} and not exists (${unknownGroups(v)})`,
    ),
  { touches: 'partition' },
)

const keepKey = statement<RobotKey & { nameKey: string; stamp: string }>(
  (v) =>
    insertSelect(
      nameKeys,
      {
        partitionId: robots.partitionId,
        kind: sql`'robotAccount'`,
        key: v.nameKey,
        name: robots.name,
        entitySeq: robots.seq,
      },
      sql`from ${robots} where ${isRobot(v)} and ${robots.concurrencyStamp} = ${v.stamp} ${replaceKeys}`,
    ),
  { touches: 'partition' },
)

export interface NewRobot {
  partition: string
  id: string
  name: string
  displayName: string
  /** Ids of the groups it is added to; all of them must be known. */
  groups: readonly string[]
  now: string
}

/** Creates a robot account and returns it. If `robot` is undefined, nothing has changed and the rest says why. */
export async function createRobot(database: Database, { partition, id, name, displayName, now, ...rest }: NewRobot) {
  const asked = JSON.stringify(rest.groups)
  const stamp = crypto.randomUUID()
  const added = { partition, entities: JSON.stringify([id]), groups: asked, stamp }
  const nameKey = foldName(name)
  const [[found], , , , , , [robot], unknown] = await database.batch(
    bind(selectPartition, { partition }),
    bind(insertEntity, { partition, robot: id, name, nameKey, displayName, asked, now, stamp }),
    bind(keepKey, { partition, robot: id, nameKey, stamp }),
    bind(raiseMemberCounts, added),
    bind(addToGroups, added),
    bind(raiseEntityCount, { partition, entities: added.entities, type, stamp }),
    bind(selectRobot, { partition, robot: id }),
    bind(listUnknown, { partition, asked }),
  )
  return { partition: found?.id, robot, unknown: unknown.map((group) => group.id) }
}

const updateEntity = statement(
  (v: Slots<Stamped & { displayName: string | null }>) =>
    update(robots)
      .set({
        displayName: sql`coalesce(${v.displayName}, ${robots.displayName})`,
        lastModificationTime: sql`${v.now}`,
        concurrencyStamp: sql`${v.stamp}`,
      })
      .where(sql`${isRobot(v)} and not exists (${unknownGroups(v)})`),
  { touches: 'partition' },
)

export interface RobotChange extends RobotKey {
  /** Null leaves it as it is. */
  displayName: string | null
  /** Ids of the groups the caller asked to add it to; all of them must be known. */
  asked: readonly string[]
  add: readonly string[]
  remove: readonly string[]
  now: string
}

/** Applies the change and returns the account. If it was not `written`, nothing has changed and the rest says why. */
export async function updateRobot(database: Database, { partition, robot, displayName, now, ...lists }: RobotChange) {
  const asked = JSON.stringify(lists.asked)
  const stamp = crypto.randomUUID()
  const account = { partition, entities: JSON.stringify([robot]), stamp }
  const added = { ...account, groups: JSON.stringify(lists.add) }
  const removed = { ...account, groups: JSON.stringify(lists.remove) }
  const [[found], , , , , , [row], unknown] = await database.batch(
    bind(selectPartition, { partition }),
    bind(updateEntity, { partition, robot, displayName, asked, now, stamp }),
    bind(raiseMemberCounts, added),
    bind(addToGroups, added),
    bind(lowerMemberCounts, removed),
    bind(removeFromGroups, removed),
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
    bind(lowerMemberCountsOfRemoved, listed),
    bind(lowerEntityCount, listed),
    bind(removeEntities, listed),
  )
  return { partition: found?.id, deleted: deleted.length }
}
