// /api/Group, the operations that read: groups of a partition and their members.
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { authorize } from '../auth/authorize.ts'
import { onlyKnownIds } from '../auth/known-ids.ts'
import { reachPartition } from '../auth/reach-partition.ts'
import { ADMINISTERING } from '../auth/roles.ts'
import type { AppEnv } from '../database/session.ts'
import { Member } from '../directory/member.schema.ts'
import { presentMember } from '../directory/member.ts'
import { Identifiers, known } from '../http/identifier.ts'
import { ok } from '../http/ok.ts'
import { validate, validateJson } from '../http/validate.ts'
import { PartitionPath } from '../partitions/partition.schema.ts'
import { isOfDirectory } from './enter-directory.queries.ts'
import { findGroup, listGroups } from './group.queries.ts'
import { Group, MemberIds, MemberPage, PartitionGroupPath } from './group.schema.ts'
import { checkMembers, loadGroups, pageMembers } from './group-members.queries.ts'
import { presentGroup } from './present-group.ts'

export const groupRoutes = new Hono<AppEnv>()
  .get(
    '/api/Group/:partitionGlobalId',
    authorize({
      operationId: 'Group_GetGroups',
      summary: 'The groups of a partition, without their members.',
      answer: z.array(Group),
      evidence: 'documented; empty `members` observed',
      scopes: ['PM.Group', 'PM.Group.Read'],
      callers: ADMINISTERING,
    }),
    validate('param', PartitionPath),
    async (c) => {
      const { partition, database } = await reachPartition(c, c.req.valid('param').partitionGlobalId)
      const found = known(await listGroups(database, partition), 'partitionGlobalId', partition)
      // Real server: the list leaves members empty (observed); by id they are there.
      const rows = found.map((row) => presentGroup(row, []))
      return ok(c, rows)
    },
  )
  .get(
    '/api/Group/:partitionGlobalId/:groupId',
    authorize({
      operationId: 'Group_GetGroup',
      summary: 'A group with its members.',
      answer: Group,
      scopes: ['PM.Group', 'PM.Group.Read'],
      callers: ADMINISTERING,
    }),
    validate('param', PartitionGroupPath),
    async (c) => {
      const { partitionGlobalId, groupId } = c.req.valid('param')
      const { partition, database } = await reachPartition(c, partitionGlobalId)
      const found = await findGroup(database, { partition, group: groupId })
      known(found.partition, 'partitionGlobalId', partition)
      const group = known(found.group, 'groupId', groupId)
      return ok(c, presentGroup(group, found.members))
    },
  )
  .get(
    '/api/Group/:partitionGlobalId/:groupId/Members',
    authorize({
      operationId: 'Group_GetMembers',
      summary: 'A page of the ids and types of a group’s members, in directory order.',
      answer: MemberIds,
      evidence: 'documented; rows observed',
      scopes: ['PM.Group', 'PM.Group.Read'],
      callers: ADMINISTERING,
    }),
    validate('param', PartitionGroupPath),
    validate('query', MemberPage),
    async (c) => {
      const { partitionGlobalId, groupId } = c.req.valid('param')
      const { partition, database } = await reachPartition(c, partitionGlobalId)
      const found = await pageMembers(database, { partition, group: groupId }, c.req.valid('query'))
      known(found.partition, 'partitionGlobalId', partition)
      known(found.group, 'groupId', groupId)
      return ok(c, { totalCount: found.totalCount, results: found.members })
    },
  )
  .post(
    '/api/Group/BulkLoadByIds/:partitionGlobalId',
    authorize({
      operationId: 'Group_BulkLoadByIds',
      summary: 'The groups of the given ids with their members, in the order of the request; unknown ids are left out.',
      answer: z.array(Group),
      // Real server: the scopes that write (documented), although it reads.
      scopes: ['PM.Group', 'PM.Group.Write'],
      callers: ADMINISTERING,
    }),
    validate('param', PartitionPath),
    validateJson(Identifiers),
    async (c) => {
      const { partition, database } = await reachPartition(c, c.req.valid('param').partitionGlobalId)
      const ids = c.req.valid('json')
      const found = await loadGroups(onlyKnownIds(database, partition, '', ids), partition, ids)
      const groups = known(found, 'partitionGlobalId', partition).map(({ row, members }) => presentGroup(row, members))
      return ok(c, groups)
    },
  )
  .post(
    '/api/Group/:partitionGlobalId/:groupId/CheckMembers',
    authorize({
      operationId: 'Group_CheckMembers',
      summary: 'Those of the given accounts that are members of the group, in directory order.',
      answer: z.array(Member),
      scopes: ['PM.Group', 'PM.Group.Write'],
      callers: ADMINISTERING,
    }),
    validate('param', PartitionGroupPath),
    validateJson(Identifiers),
    async (c) => {
      const { partitionGlobalId, groupId } = c.req.valid('param')
      const { partition, database } = await reachPartition(c, partitionGlobalId)
      const ids = c.req.valid('json')
      const local = ids.filter((id) => !isOfDirectory(id))
      const knowing = onlyKnownIds(database, partition, '', local)
      const found = await checkMembers(knowing, { partition, group: groupId }, ids)
      known(found.partition, 'partitionGlobalId', partition)
      known(found.group, 'groupId', groupId)
      const members = found.members.map(presentMember)
      return ok(c, members)
    },
  )
