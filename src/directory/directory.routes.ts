// /api/Directory: users, robot accounts, applications and groups of a partition, found by name or id.
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
import { findPartition } from '../partitions/find-partition.ts'
import { PartitionPath } from '../partitions/partition.schema.ts'
import { listMemberships, type Resolved, resolveById, resolveByName, resolveEach } from './directory.queries.ts'
import {
  BulkResolve,
  BulkResolveByName,
  DirectoryEntity,
  DirectoryEntityInfo,
  DirectoryGroup,
  DirectoryScope,
  DirectoryTenant,
  ENTITY_TYPE,
  type EntityType,
  Membership,
  Resolve,
  ResolveByName,
  SearchQuery,
  type SourceFilter,
} from './directory.schema.ts'
import { USER_TYPE } from './member.ts'
import { presentBy, presentDirectoryGroup, presentEntity, presentInfo } from './present-entity.ts'
import { type Kinds, searchDirectory } from './search-directory.queries.ts'

/** How many entities are resolved at once. Real server: the limit (captured error bodies). */
const MOST = 20

export const directoryRoutes = new Hono<AppEnv>()
  .get(
    '/api/Directory/Search/:partitionGlobalId',
    authorize({
      operationId: 'Directory_Search',
      summary: 'The first 100 entities whose name, display name or e-mail address begins with the given text.',
      answer: z.array(DirectoryEntityInfo),
      evidence: 'documented; PM.Directory.Read observed',
      scopes: ['PM.Directory', 'PM.Directory.Read'],
      callers: ADMINISTERING,
    }),
    validate('param', PartitionPath),
    validate('query', SearchQuery),
    async (c) => {
      const { startsWith, entityType, sourceFilter } = c.req.valid('query')
      const { partition, database } = await reachPartition(c, c.req.valid('param').partitionGlobalId)
      const found = await searchDirectory(database, partition, startsWith, kindsOf(entityType, sourceFilter))
      const entities = known(found, 'partitionGlobalId', partition).map(presentInfo)
      return ok(c, entities)
    },
  )
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
  .post(
    '/api/Directory/GroupMembership/:partitionGlobalId',
    authorize({
      operationId: 'Directory_GroupMembership',
      summary: 'Those of the given groups that an account is in.',
      answer: z.array(DirectoryGroup),
      evidence: 'documented; scopes and callers assumed',
      scopes: ['PM.Directory', 'PM.Directory.Read'],
      callers: ADMINISTERING,
    }),
    validate('param', PartitionPath),
    validateJson(Membership),
    async (c) => {
      const { userId, groupIds } = c.req.valid('json')
      const { partition, database } = await reachPartition(c, c.req.valid('param').partitionGlobalId)
      const found = await listMemberships(database, partition, userId, groupIds)
      const groups = known(found, 'partitionGlobalId', partition).map(presentDirectoryGroup)
      return ok(c, groups)
    },
  )
  .get(
    '/api/Directory/Scopes/:partitionGlobalId',
    authorize({
      operationId: 'Directory_Scopes',
      summary: 'The scopes a search can be narrowed to: the local directory alone.',
      answer: z.array(DirectoryScope),
      evidence: 'documented; scopes and callers assumed',
      scopes: ['PM.Directory', 'PM.Directory.Read'],
      callers: ADMINISTERING,
    }),
    validate('param', PartitionPath),
    async (c) => {
      const { partition, database } = await reachPartition(c, c.req.valid('param').partitionGlobalId)
      known(await findPartition(database, partition), 'partitionGlobalId', partition)
      // Assumed: the name; scopes are Active Directory's, and there is none here.
      return ok(c, [{ name: 'local', isDefault: true }])
    },
  )
  .get(
    '/api/Directory/Tenant/:partitionGlobalId',
    authorize({
      operationId: 'Directory_Tenant',
      summary: 'The tenant of the directory: the partition itself.',
      answer: DirectoryTenant,
      evidence: 'documented; scopes and callers assumed',
      scopes: ['PM.Directory', 'PM.Directory.Read'],
      callers: ADMINISTERING,
    }),
    validate('param', PartitionPath),
    async (c) => {
      const { partition, database } = await reachPartition(c, c.req.valid('param').partitionGlobalId)
      const found = known(await findPartition(database, partition), 'partitionGlobalId', partition)
      return ok(c, { id: found.id, displayName: found.name })
    },
  )

/** The kinds a search looks for: those that the type and the sources both allow. One that is not given allows all. */
function kindsOf(type: EntityType | undefined, asked: readonly (SourceFilter | undefined)[]): Kinds {
  const sources = asked.filter((source) => source !== undefined)
  const ofType = (wanted: EntityType) => type === undefined || type === wanted
  const from = (...wanted: SourceFilter[]) => sources.length === 0 || wanted.some((source) => sources.includes(source))
  const [local, directory] = [from('localUsers'), from('directoryUsers')]
  return {
    users: ofType(ENTITY_TYPE.user) && (local || directory),
    userSource: local && directory ? 'any' : local ? 'local' : 'directory',
    groups: ofType(ENTITY_TYPE.group) && from('localGroups'),
    robotAccounts: ofType(ENTITY_TYPE.user) && from('robotAccounts'),
    applications: ofType(ENTITY_TYPE.application) && from('applications'),
  }
}

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
