// /api/Group: groups of a partition and their members.
import { type Context, Hono } from 'hono'
import * as z from 'zod/mini'
import { reachPartition } from '../auth/reach-partition.ts'
import { type CallerEnv, requireScope } from '../auth/require-scope.ts'
import type { AppEnv } from '../database/session.ts'
import { type MemberRow, presentMember } from '../directory/member.ts'
import { describe } from '../http/contract.ts'
import { foldId, sameId, unknownId } from '../http/identifier.ts'
import { ok } from '../http/ok.ts'
import { conflict, invalid } from '../http/refusal.ts'
import { now } from '../http/timestamp.ts'
import { validate, validateJson } from '../http/validate.ts'
import { HOST_PARTITION } from '../partitions/partition.table.ts'
import { findGroup, type GroupRow, listGroups } from './group.queries.ts'
import { GROUP_TYPE, Group, GroupPath, PartitionGroupPath, PartitionPath, WriteGroup } from './group.schema.ts'
import { updateGroup } from './update-group.queries.ts'

const update = {
  operationId: 'Group_Update',
  summary: 'Renames a group, adds members and removes members, all of it or nothing.',
  answer: Group,
}

export const groupRoutes = new Hono<AppEnv>()
  .get(
    '/api/Group/:partitionGlobalId',
    describe({
      operationId: 'Group_GetGroups',
      summary: 'The groups of a partition, without their members.',
      answer: z.array(Group),
    }),
    requireScope('PM.Group', 'PM.Group.Read'),
    validate('param', PartitionPath),
    async (c) => {
      const { partition, database } = await reachPartition(c, c.req.valid('param').partitionGlobalId)
      const found = await listGroups(database, partition)
      if (!found) throw unknownId('partitionGlobalId', partition)
      // Real server: the list leaves members empty (observed); by id they are there.
      const rows = found.map((row) => present(row, []))
      return ok(c, rows)
    },
  )
  .get(
    '/api/Group/:partitionGlobalId/:groupId',
    describe({ operationId: 'Group_GetGroup', summary: 'A group with its members.', answer: Group }),
    requireScope('PM.Group', 'PM.Group.Read'),
    validate('param', PartitionGroupPath),
    async (c) => {
      const { partitionGlobalId, groupId } = c.req.valid('param')
      const { partition, database } = await reachPartition(c, partitionGlobalId)
      const found = await findGroup(database, { partition, group: groupId })
      if (found.partition === undefined) throw unknownId('partitionGlobalId', partition)
      if (!found.group) throw unknownId('groupId', groupId)
      return ok(c, present(found.group, found.members))
    },
  )
  .put(
    '/api/Group/:groupId',
    describe(update),
    requireScope('PM.Group', 'PM.Group.Write'),
    validate('param', GroupPath),
    validateJson(WriteGroup),
    async (c) => {
      const body = c.req.valid('json')
      const partition = body.partitionGlobalId ?? c.var.principal.partition ?? HOST_PARTITION
      return ok(c, await change(c, partition, c.req.valid('param').groupId, body))
    },
  )
  .put(
    '/api/Group/:partitionGlobalId/:groupId',
    describe(update),
    requireScope('PM.Group', 'PM.Group.Write'),
    validate('param', PartitionGroupPath),
    validateJson(WriteGroup),
    async (c) => {
      const { partitionGlobalId, groupId } = c.req.valid('param')
      const body = c.req.valid('json')
      if (body.partitionGlobalId && !sameId(body.partitionGlobalId, partitionGlobalId)) {
        throw invalid('partitionGlobalId', 'The partition in the path and the one in the body differ.')
      }
      return ok(c, await change(c, partitionGlobalId, groupId, body))
    },
  )

async function change(c: Context<CallerEnv>, requested: string, group: string, body: WriteGroup): Promise<Group> {
  const { partition, database } = await reachPartition(c, requested)
  const { name, directoryUserIDsToAdd: asked, directoryUserIDsToRemove: unwanted } = body
  // Real server: 409 for a missing name (observed).
  if (!name?.trim()) throw conflict('The group name is required.')
  const add = without(asked, unwanted)
  const remove = without(unwanted, asked)
  const found = await updateGroup(database, { partition, group, name, asked, add, remove, now: now() })
  if (found.partition === undefined) throw unknownId('partitionGlobalId', partition)
  if (!found.group) throw unknownId('groupId', group)
  if (!found.written) throw refusedChange(found, name)
  return present(found.group, found.members)
}

/** Why a group that exists was not changed. */
function refusedChange(found: { unknown: string[]; group: GroupRow | undefined; nameTaken: boolean }, name: string) {
  if (found.unknown.length > 0) {
    return invalid('directoryUserIDsToAdd', `Not in the directory: ${found.unknown.join(', ')}.`)
  }
  if (found.nameTaken) return conflict(`A group with the name '${name}' already exists.`)
  return conflict(`The built-in group '${found.group?.name}' cannot be renamed.`)
}

function without(ids: readonly string[], others: readonly string[]): string[] {
  const excluded = new Set(others.map(foldId))
  return ids.filter((id) => !excluded.has(foldId(id)))
}

function present(row: GroupRow, members: readonly MemberRow[]): Group {
  const { id, name, creationTime, lastModificationTime } = row
  const type = row.type === GROUP_TYPE.builtIn ? GROUP_TYPE.builtIn : GROUP_TYPE.custom
  return { id, name, displayName: name, type, creationTime, lastModificationTime, members: members.map(presentMember) }
}
