// /api/Directory, the operations that resolve: entities by their ids, or by their names.
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { authorize } from '../auth/authorize.ts'
import { reachPartition } from '../auth/reach-partition.ts'
import { ADMINISTERING } from '../auth/roles.ts'
import type { AppEnv } from '../database/session.ts'
import { foldId, known } from '../http/identifier.ts'
import { ok, okText } from '../http/ok.ts'
import { badArgument, notFound } from '../http/refusal.ts'
import { validate, validateJson } from '../http/validate.ts'
import { PartitionPath } from '../partitions/partition.schema.ts'
import { type Resolved, resolveById, resolveByName, resolveEach } from './directory.queries.ts'
import {
  BulkResolve,
  BulkResolveByName,
  DirectoryEntity,
  ENTITY_TYPE,
  Resolve,
  ResolveByName,
} from './directory.schema.ts'
import { USER_TYPE } from './member.ts'
import { presentBy, presentEntity } from './present-entity.ts'

/** How many entities are resolved at once. Real server: the limit (captured error bodies). */
const MOST = 20

export const resolveDirectoryRoutes = new Hono<AppEnv>()
  .post(
    '/api/Directory/Resolve/:partitionGlobalId',
    authorize({
      operationId: 'Directory_Resolve',
      summary: 'The entity of an id and a type.',
      answer: DirectoryEntity,
      evidence: 'documented; PM.Directory.Read observed',
      scopes: ['PM.Directory', 'PM.Directory.Read'],
      callers: ADMINISTERING,
    }),
    validate('param', PartitionPath),
    validateJson(Resolve),
    async (c) => {
      const { entityId, entityType } = c.req.valid('json')
      const { partition, database } = await reachPartition(c, c.req.valid('param').partitionGlobalId)
      const found = await resolveById(database, partition, entityType, entityId)
      const [entity] = known(found, 'partitionGlobalId', partition)
      if (!entity) throw notFound()
      return ok(c, presentEntity(entity))
    },
  )
  .post(
    '/api/Directory/BulkResolve/:partitionGlobalId',
    authorize({
      operationId: 'Directory_BulkResolve',
      summary:
        'The entities of up to 20 ids with their types, by id and in the order of the request; null for an unknown one.',
      answer: z.record(z.string(), z.nullable(DirectoryEntity)),
      refusals: ['badArgument'],
      evidence: 'documented; null, limit and refusals assumed',
      scopes: ['PM.Directory', 'PM.Directory.Read'],
      callers: ADMINISTERING,
    }),
    validate('param', PartitionPath),
    validateJson(BulkResolve),
    async (c) => {
      const { entityIds: ids, entityTypes: types } = c.req.valid('json')
      if (ids.length > MOST) throw tooMany('entityIds')
      if (types.length !== ids.length) {
        throw badArgument("entityTypes and entityIds differ in size (Parameter 'entityTypes')")
      }
      const { partition, database } = await reachPartition(c, c.req.valid('param').partitionGlobalId)
      const wanted = ids.map((id, index) => ({ id, type: types[index] ?? ENTITY_TYPE.user }))
      const found = await resolveEach(database, partition, wanted)
      return okText(c, presentBy(ids, known(found, 'partitionGlobalId', partition)))
    },
  )
  .post(
    '/api/Directory/ResolveByName/:partitionGlobalId',
    authorize({
      operationId: 'Directory_ResolveByName',
      summary: 'The entity of a name and a type: a user of that name or e-mail address, a group or an application.',
      answer: DirectoryEntity,
      refusals: ['badArgument'],
      evidence: 'documented; PM.Directory.Read observed',
      scopes: ['PM.Directory', 'PM.Directory.Read'],
      callers: ADMINISTERING,
    }),
    validate('param', PartitionPath),
    validateJson(ResolveByName),
    async (c) => {
      const { entityName, entityType } = c.req.valid('json')
      const { partition, database } = await reachPartition(c, c.req.valid('param').partitionGlobalId)
      const found = await resolveByName(database, partition, entityType, [entityName])
      refuseAmbiguous(found ?? [])
      const [entity] = known(found, 'partitionGlobalId', partition)
      if (!entity) throw notFound()
      return ok(c, presentEntity(entity))
    },
  )
  .post(
    '/api/Directory/BulkResolveByName/:partitionGlobalId',
    authorize({
      operationId: 'Directory_BulkResolveByName',
      summary: 'The entities of up to 20 names, by name and in the order of the request; null for an unknown one.',
      answer: z.record(z.string(), z.nullable(DirectoryEntity)),
      refusals: ['badArgument'],
      evidence: 'documented; that any token will do, observed',
      // Real server: no PM scope is asked for (observed).
      scopes: [],
      callers: ADMINISTERING,
    }),
    validate('param', PartitionPath),
    validateJson(BulkResolveByName),
    async (c) => {
      const { entityNames, entityType } = c.req.valid('json')
      const names = wellFormed(entityNames)
      const { partition, database } = await reachPartition(c, c.req.valid('param').partitionGlobalId)
      const found = await resolveByName(database, partition, entityType, names)
      refuseAmbiguous(found ?? [])
      return okText(c, presentBy(names, known(found, 'partitionGlobalId', partition)))
    },
  )

// Real server: this text, its slip included (captured error bodies). Assumed: that it is the same for ids.
const tooMany = (list: 'entityNames' | 'entityIds') =>
  badArgument(`${list} size is larger that maximum supported value of ${MOST} (Parameter '${list}')`)

function wellFormed(names: readonly (string | null)[] | null | undefined): string[] {
  const given = names?.filter((name) => name !== null && name !== '')
  // Real server: this text (captured error bodies). Assumed: what it is the answer to.
  if (!given || given.length !== names?.length) {
    throw badArgument("Invalid Entity Names. (Parameter 'entityIdentifiers')")
  }
  if (given.length > MOST) {
    throw tooMany('entityNames')
  }
  return given.filter((name) => name !== null)
}

// Real server: the text (captured error bodies). Assumed: what it is the answer to, a name that is one user's user name
// and another's address.
function refuseAmbiguous(found: readonly Resolved[]): void {
  const users = new Map<string, string>()
  for (const one of found) {
    if ('group' in one || one.entity.type !== USER_TYPE.user) continue
    const asked = foldId(one.asked)
    if ((users.get(asked) ?? one.entity.id) !== one.entity.id) {
      throw badArgument("Duplicate usernames found in database for specified input. (Parameter 'userNamesOrEmails')")
    }
    users.set(asked, one.entity.id)
  }
}
