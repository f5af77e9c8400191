// /api/RobotAccount: accounts that run unattended processes.
import { type Context, Hono } from 'hono'
import { authorize, type CallerEnv } from '../auth/authorize.ts'
import { onlyKnownIds } from '../auth/known-ids.ts'
import { ownPartition, reachPartition } from '../auth/reach-partition.ts'
import { ADMINISTERING } from '../auth/roles.ts'
import type { AppEnv } from '../database/session.ts'
import { groupIdsWithEveryone } from '../directory/memberships.ts'
import { excludeIds, isGuid, known, unknownId } from '../http/identifier.ts'
import { created, noContent, ok } from '../http/ok.ts'
import { conflict, invalid, Refusal } from '../http/refusal.ts'
import { now } from '../http/timestamp.ts'
import { validate, validateJson } from '../http/validate.ts'
import { PartitionPath } from '../partitions/partition.schema.ts'
import { createRobot, deleteRobots, updateRobot } from './change-robot-account.queries.ts'
import { findRobot, pageRobots, type RobotRow } from './robot-account.queries.ts'
import {
  CreateRobotAccount,
  DeleteRobotAccounts,
  PartitionRobotAccountPath,
  RobotAccount,
  RobotAccountPage,
  RobotAccountPath,
  RobotAccountQuery,
  WriteRobotAccount,
} from './robot-account.schema.ts'

export const robotAccountRoutes = new Hono<AppEnv>()
  .get(
    '/api/RobotAccount/:partitionGlobalId',
    authorize({
      operationId: 'RobotAccount_GetRobotAccounts',
      summary: 'A page of the robot accounts of a partition.',
      answer: RobotAccountPage,
      scopes: ['PM.RobotAccount', 'PM.RobotAccount.Read'],
      callers: ADMINISTERING,
    }),
    validate('param', PartitionPath),
    validate('query', RobotAccountQuery),
    async (c) => {
      const { partition, database } = await reachPartition(c, c.req.valid('param').partitionGlobalId)
      const found = await pageRobots(database, partition, c.req.valid('query'))
      known(found.partition, 'partitionGlobalId', partition)
      return ok(c, { totalCount: found.totalCount, results: found.robots.map(present) })
    },
  )
  .get(
    '/api/RobotAccount/:partitionGlobalId/:robotAccountId',
    authorize({
      operationId: 'RobotAccount_GetRobotAccount',
      summary: 'A robot account.',
      answer: RobotAccount,
      scopes: ['PM.RobotAccount', 'PM.RobotAccount.Read'],
      callers: ADMINISTERING,
    }),
    validate('param', PartitionRobotAccountPath),
    async (c) => {
      const { partitionGlobalId, robotAccountId } = c.req.valid('param')
      const { partition, database } = await reachPartition(c, partitionGlobalId)
      const found = await findRobot(database, { partition, robot: robotAccountId })
      known(found.partition, 'partitionGlobalId', partition)
      return ok(c, present(known(found.robot, 'robotAccountId', robotAccountId)))
    },
  )
  .post(
    '/api/RobotAccount',
    authorize({
      operationId: 'RobotAccount_CreateRobotAccount',
      summary: 'Creates a robot account in groups.',
      answer: RobotAccount,
      status: 201,
      refusals: ['conflict'],
      scopes: ['PM.RobotAccount', 'PM.RobotAccount.Write'],
      callers: ADMINISTERING,
    }),
    validateJson(CreateRobotAccount),
    async (c) => {
      const { partitionGlobalId, name, displayName, groupIDsToAdd: groups } = c.req.valid('json')
      const { partition, database } = await reachPartition(c, partitionGlobalId ?? ownPartition(c))
      const account = { id: crypto.randomUUID(), name, displayName: displayName ?? name, groups, now: now(c) }
      const found = await createRobot(database, { partition, ...account })
      known(found.partition, 'partitionGlobalId', partition)
      if (found.robot) return created(c, present(found.robot))
      if (found.unknown.length > 0) throw notGroups(found.unknown)
      // Assumed: the status. Real server: that it "already exists" (observed).
      throw conflict(`A robot account with the name '${name}' already exists.`)
    },
  )
  .put(
    '/api/RobotAccount/:robotAccountId',
    authorize({
      operationId: 'RobotAccount_UpdateRobotAccount',
      summary: 'Changes the display name of a robot account and the groups it is in, all of it or nothing.',
      answer: RobotAccount,
      scopes: ['PM.RobotAccount', 'PM.RobotAccount.Write'],
      callers: ADMINISTERING,
    }),
    validate('param', RobotAccountPath),
    validateJson(WriteRobotAccount),
    async (c) => {
      const { robotAccountId: robot } = c.req.valid('param')
      const { partitionGlobalId, displayName, groupIDsToAdd: asked, groupIDsToRemove: unwanted } = c.req.valid('json')
      const { partition, database } = await reachPartition(c, partitionGlobalId ?? ownPartition(c))
      const knowing = onlyKnownIds(database, partition, 'groupIDsToRemove', unwanted)
      const change = {
        displayName,
        asked,
        add: excludeIds(asked, unwanted),
        remove: excludeIds(unwanted, asked),
        now: now(c),
      }
      const found = await updateRobot(knowing, { partition, robot, ...change })
      known(found.partition, 'partitionGlobalId', partition)
      const account = known(found.robot, 'robotAccountId', robot)
      if (!found.written) throw notGroups(found.unknown)
      return ok(c, present(account))
    },
  )
  .delete(
    '/api/RobotAccount/:partitionGlobalId/:robotAccountId',
    authorize({
      operationId: 'RobotAccount_Delete',
      summary: 'Deletes a robot account.',
      scopes: ['PM.RobotAccount', 'PM.RobotAccount.Write'],
      callers: ADMINISTERING,
    }),
    validate('param', PartitionRobotAccountPath),
    async (c) => {
      const { partitionGlobalId, robotAccountId } = c.req.valid('param')
      if ((await remove(c, partitionGlobalId, [robotAccountId])) === 0) {
        throw unknownId('robotAccountId', robotAccountId)
      }
      return noContent(c)
    },
  )
  .delete(
    '/api/RobotAccount/:partitionGlobalId',
    authorize({
      operationId: 'RobotAccount_BulkDelete',
      evidence: 'documented; the guide says 200',
      summary: 'Deletes robot accounts; unknown ids are ignored.',
      scopes: ['PM.RobotAccount', 'PM.RobotAccount.Write'],
      callers: ADMINISTERING,
    }),
    validate('param', PartitionPath),
    validateJson(DeleteRobotAccounts),
    async (c) => {
      await remove(c, c.req.valid('param').partitionGlobalId, c.req.valid('json').robotAccountIDs, 'robotAccountIDs')
      return noContent(c)
    },
  )

/** Deletes the robot accounts and returns how many there were. `list` is the property they stood in, if in any. */
async function remove(
  c: Context<CallerEnv>,
  requested: string,
  robots: readonly string[],
  list?: string,
): Promise<number> {
  const { partition, database } = await reachPartition(c, requested)
  const knowing = list === undefined ? database : onlyKnownIds(database, partition, list, robots)
  const found = await deleteRobots(knowing, partition, robots)
  known(found.partition, 'partitionGlobalId', partition)
  return found.deleted
}

function notGroups(ids: readonly string[]): Refusal {
  const notGuids = ids.filter((id) => !isGuid(id))
  if (notGuids.length > 0) return new Refusal({ is: 'unknownId', field: 'groupIDsToAdd', ids: notGuids })
  return invalid('groupIDsToAdd', `Not groups of the partition: ${ids.join(', ')}.`)
}

function present({ id, name, displayName, creationTime, lastLoginTime, groupIds }: RobotRow): RobotAccount {
  return { id, name, displayName, creationTime, lastLoginTime, groupIds: groupIdsWithEveryone(groupIds) }
}
