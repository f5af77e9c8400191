// /api/Directory: users, robot accounts, applications and groups of a partition, found by name or id.
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { authorize } from '../auth/authorize.ts'
import { onlyKnownIds } from '../auth/known-ids.ts'
import { reachPartition } from '../auth/reach-partition.ts'
import { ADMINISTERING } from '../auth/roles.ts'
import type { AppEnv } from '../database/session.ts'
import { known } from '../http/identifier.ts'
import { ok } from '../http/ok.ts'
import { validate, validateJson } from '../http/validate.ts'
import { findPartition } from '../partitions/find-partition.ts'
import { PartitionPath } from '../partitions/partition.schema.ts'
import { listMemberships } from './directory.queries.ts'
import {
  DirectoryEntityInfo,
  DirectoryGroup,
  DirectoryScope,
  DirectoryTenant,
  ENTITY_TYPE,
  type EntityType,
  Membership,
  SearchQuery,
  type SourceFilter,
} from './directory.schema.ts'
import { presentDirectoryGroup, presentInfo } from './present-entity.ts'
import { resolveDirectoryRoutes } from './resolve-directory.routes.ts'
import { type Kinds, searchDirectory } from './search-directory.queries.ts'

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
      const knowing = onlyKnownIds(database, partition, 'groupIds', groupIds)
      const found = await listMemberships(knowing, partition, userId, groupIds)
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
  .route('/', resolveDirectoryRoutes)

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
