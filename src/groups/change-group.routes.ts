// /api/Group, the operations that write: create, change and delete groups.
import { type Context, Hono } from 'hono'
import { authorize, type CallerEnv } from '../auth/authorize.ts'
import { onlyKnownIds } from '../auth/known-ids.ts'
import { ownPartition, reachPartition } from '../auth/reach-partition.ts'
import { ADMINISTERING } from '../auth/roles.ts'
import type { AppEnv } from '../database/session.ts'
import { excludeIds, isGuid, known, sameId, unknownId } from '../http/identifier.ts'
import { created, noContent, ok } from '../http/ok.ts'
import { conflict, invalid, invalidValue, Refusal } from '../http/refusal.ts'
import { now } from '../http/timestamp.ts'
import { validate, validateJson } from '../http/validate.ts'
import { PartitionPath } from '../partitions/partition.schema.ts'
import { createGroup } from './create-group.queries.ts'
import { deleteGroups } from './delete-group.queries.ts'
import { isOfDirectory } from './enter-directory.queries.ts'
import type { GroupRow } from './group.queries.ts'
import { CreateGroup, DeleteGroups, Group, GroupPath, PartitionGroupPath, WriteGroup } from './group.schema.ts'
import { presentGroup } from './present-group.ts'
import { updateGroup } from './update-group.queries.ts'

const update = {
  summary: 'Renames a group, adds members and removes members, all of it or nothing.',
  answer: Group,
  refusals: ['conflict'],
} as const

export const changeGroupRoutes = new Hono<AppEnv>()
  .post(
    '/api/Group',
    authorize({
      operationId: 'Group_CreateGroup',
      summary: 'Creates a group under the id the client made up, with members.',
      answer: Group,
      status: 201,
      refusals: ['conflict'],
      scopes: ['PM.Group', 'PM.Group.Write'],
      callers: ADMINISTERING,
    }),
    validateJson(CreateGroup),
    async (c) => {
      const { partitionGlobalId, id: group, name, directoryUserMemberIDs: members } = c.req.valid('json')
      const requested = partitionGlobalId ?? ownPartition(c)
      // Real server: GUIDs, yet the documented call has another id, in a partition that has one itself.
      if (!isGuid(group) && isGuid(requested)) throw invalidValue('id', group)
      const { partition, database } = await reachPartition(c, requested)
      const found = await createGroup(database, { partition, group, name, members, now: now(c) })
      known(found.partition, 'partitionGlobalId', partition)
      if (found.written && found.group) return created(c, presentGroup(found.group, found.members))
      if (found.idTaken) throw conflict(`A group with the id '${group}' already exists.`)
      throw refusedChange(found, name, 'directoryUserMemberIDs')
    },
  )
  .put(
    '/api/Group/:groupId',
    authorize({
      operationId: 'Group_UpdateGroup',
      ...update,
      scopes: ['PM.Group', 'PM.Group.Write'],
      callers: ADMINISTERING,
    }),
    validate('param', GroupPath),
    validateJson(WriteGroup),
    async (c) => {
      const body = c.req.valid('json')
      const partition = body.partitionGlobalId ?? ownPartition(c)
      return ok(c, await change(c, partition, c.req.valid('param').groupId, body))
    },
  )
  .put(
    '/api/Group/:partitionGlobalId/:groupId',
    authorize({
      // Real server: only its guides have this form, and no name for it.
      operationId: 'Group_UpdateGroupOfPartition',
      ...update,
      evidence: 'documented; the name is own',
      scopes: ['PM.Group', 'PM.Group.Write'],
      callers: ADMINISTERING,
    }),
    validate('param', PartitionGroupPath),
    validateJson(WriteGroup),
    async (c) => {
      const { partitionGlobalId, groupId } = c.req.valid('param')
      const body = c.req.valid('json')
      if (body.partitionGlobalId && !sameId(body.partitionGlobalId, partitionGlobalId)) {
        // Assumed.
        throw invalid('partitionGlobalId', 'The partition in the path and the one in the body differ.')
      }
      return ok(c, await change(c, partitionGlobalId, groupId, body))
    },
  )
  .delete(
    '/api/Group/:partitionGlobalId/:groupId',
    authorize({
      operationId: 'Group_Delete',
      summary: 'Deletes a group; built-in groups stay.',
      refusals: ['conflict'],
      scopes: ['PM.Group', 'PM.Group.Write'],
      callers: ADMINISTERING,
    }),
    validate('param', PartitionGroupPath),
    async (c) => {
      const { partitionGlobalId, groupId } = c.req.valid('param')
      if ((await remove(c, partitionGlobalId, [groupId])) === 0) throw unknownId('groupId', groupId)
      return noContent(c)
    },
  )
  .delete(
    '/api/Group/:partitionGlobalId',
    authorize({
      operationId: 'Group_BulkDelete',
      evidence: 'documented; the guide says 200',
      summary: 'Deletes groups, all that are known or, if a built-in one is among them, none.',
      refusals: ['conflict'],
      scopes: ['PM.Group', 'PM.Group.Write'],
      callers: ADMINISTERING,
    }),
    validate('param', PartitionPath),
    validateJson(DeleteGroups),
    async (c) => {
      await remove(c, c.req.valid('param').partitionGlobalId, c.req.valid('json').groupIDs, 'groupIDs')
      return noContent(c)
    },
  )

async function change(c: Context<CallerEnv>, requested: string, group: string, body: WriteGroup): Promise<Group> {
  const { partition, database } = await reachPartition(c, requested)
  const { name, directoryUserIDsToAdd: asked, directoryUserIDsToRemove: unwanted } = body
  // Real server: 409 for a missing name (observed).
  if (!name?.trim()) throw conflict('The group name is required.')
  // Who is of another directory need not be known here.
  const local = unwanted.filter((id) => !isOfDirectory(id))
  const knowing = onlyKnownIds(database, partition, 'directoryUserIDsToRemove', local)
  const add = excludeIds(asked, unwanted)
  const remove = excludeIds(unwanted, asked)
  const found = await updateGroup(knowing, { partition, group, name, asked, add, remove, now: now(c) })
  known(found.partition, 'partitionGlobalId', partition)
  const changed = known(found.group, 'groupId', group)
  if (!found.written) throw refusedChange(found, name, 'directoryUserIDsToAdd')
  return presentGroup(changed, found.members)
}

/**
 * Why a group was not created or changed; `field` is where unknown members stood. Assumed: the statuses and the texts. Real
 * server: that a name "already exists", and that a built-in group is not renamed (observed).
 */
function refusedChange(
  found: { unknown: string[]; group: GroupRow | undefined; nameTaken: boolean },
  name: string,
  field: string,
) {
  const notGuids = found.unknown.filter((id) => !isGuid(id))
  if (notGuids.length > 0) return new Refusal({ is: 'unknownId', field, ids: notGuids })
  if (found.unknown.length > 0) return invalid(field, `Not in the directory: ${found.unknown.join(', ')}.`)
  if (found.nameTaken) return conflict(`A group with the name '${name}' already exists.`)
  return conflict(`The built-in group '${found.group?.name}' cannot be renamed.`)
}

/** Deletes the groups and returns how many there were; assumed: others are ignored. `list` is the property they stood in, if they did in any. */
async function remove(
  c: Context<CallerEnv>,
  requested: string,
  groups: readonly string[],
  list?: string,
): Promise<number> {
  const { partition, database } = await reachPartition(c, requested)
  const knowing = list === undefined ? database : onlyKnownIds(database, partition, list, groups)
  const found = await deleteGroups(knowing, partition, groups)
  known(found.partition, 'partitionGlobalId', partition)
  // Assumed: the status and the text; that it is refused is known.
  if (found.builtIn !== undefined) throw conflict(`The built-in group '${found.builtIn}' cannot be deleted.`)
  return found.deleted
}
