// /api/User and /api/UserPartition/users: users of a partition are listed, read and deleted here.
import { type Context, Hono } from 'hono'
import type * as z from 'zod/mini'
import { authorize, type CallerEnv } from '../auth/authorize.ts'
import { onlyKnownIds } from '../auth/known-ids.ts'
import { ownPartition, reachPartition } from '../auth/reach-partition.ts'
import { ADMINISTERING } from '../auth/roles.ts'
import type { AppEnv } from '../database/session.ts'
import { known, unknownId } from '../http/identifier.ts'
import { noContent, ok } from '../http/ok.ts'
import { timestamp } from '../http/timestamp.ts'
import { validate, validateJson } from '../http/validate.ts'
import { PartitionPath } from '../partitions/partition.schema.ts'
import { createUserRoutes } from './create-user.routes.ts'
import { deleteUsers } from './delete-users.queries.ts'
import { inviteUsersRoutes } from './invite-users.routes.ts'
import { listLoginAttempts } from './list-login-attempts.queries.ts'
import { listUsers } from './list-users.queries.ts'
import { updateUserRoutes } from './update-user.routes.ts'
import { findUser, presentUser } from './user.queries.ts'
import { DeleteUsers, LoginAttemptSearch, LoginAttempts, User, UserPath, UserSearch, Users } from './user.schema.ts'

const listed = { summary: 'A page of the users of a partition, searched and sorted.', answer: Users }

export const userRoutes = new Hono<AppEnv>()
  .get(
    '/api/User/users/:partitionGlobalId',
    authorize({ operationId: 'User_GetUsers', ...listed, scopes: ['PM.User', 'PM.User.Read'], callers: ADMINISTERING }),
    validate('param', PartitionPath),
    validate('query', UserSearch),
    async (c) => ok(c, await pageOfUsers(c, c.req.valid('param').partitionGlobalId, c.req.valid('query'))),
  )
  .get(
    '/api/UserPartition/users/:partitionGlobalId',
    authorize({
      operationId: 'UserPartition_GetPartitionUsers',
      ...listed,
      evidence: 'documented; scopes assumed',
      scopes: ['PM.User', 'PM.User.Read'],
      callers: ADMINISTERING,
    }),
    validate('param', PartitionPath),
    validate('query', UserSearch),
    async (c) => ok(c, await pageOfUsers(c, c.req.valid('param').partitionGlobalId, c.req.valid('query'))),
  )
  .get(
    '/api/User/:userId',
    authorize({
      operationId: 'User_GetUser',
      summary: "A user of the token's partition.",
      answer: User,
      evidence: 'documented; for users themselves assumed',
      scopes: ['PM.User', 'PM.User.Read'],
      callers: [...ADMINISTERING, 'self'],
      owner: 'userId',
    }),
    validate('param', UserPath),
    async (c) => {
      const { userId } = c.req.valid('param')
      const { partition, database } = await reachPartition(c, ownPartition(c), { owner: userId })
      const found = await findUser(database, { partition, user: userId })
      return ok(c, presentUser(known(found, 'userId', userId)))
    },
  )
  .get(
    '/api/User/:userId/loginAttempts',
    authorize({
      operationId: 'UserLoginAttempt_GetLoginAttempts',
      summary: "A page of a user's attempts to sign in with a password, of which the last 100 are kept.",
      answer: LoginAttempts,
      evidence: 'documented; the numbers of results assumed',
      scopes: ['PM.UserLoginAttempt', 'PM.UserLoginAttempt.Read'],
      callers: ADMINISTERING,
    }),
    validate('param', UserPath),
    validate('query', LoginAttemptSearch),
    async (c) => {
      const { userId } = c.req.valid('param')
      const { partition, database } = await reachPartition(c, ownPartition(c))
      const { since, ...page } = c.req.valid('query')
      const from = since ? timestamp(Date.parse(since.replace(' ', 'T')), 0) : ''
      const found = await listLoginAttempts(database, { partition, user: userId }, { ...page, since: from })
      return ok(c, known(found, 'userId', userId))
    },
  )
  .delete(
    '/api/User/:userId',
    authorize({
      operationId: 'User_Delete',
      summary: 'Deletes a user with its settings and memberships.',
      scopes: ['PM.User', 'PM.User.Write'],
      callers: ADMINISTERING,
    }),
    validate('param', UserPath),
    async (c) => {
      const { userId } = c.req.valid('param')
      const { partition, database } = await reachPartition(c, ownPartition(c))
      const { removed } = await deleteUsers(database, partition, [userId])
      if (removed === 0) throw unknownId('userId', userId)
      return noContent(c)
    },
  )
  .delete(
    '/api/User',
    authorize({
      operationId: 'User_BulkDelete',
      summary: 'Deletes the users among the given ids.',
      scopes: ['PM.User', 'PM.User.Write'],
      callers: ADMINISTERING,
    }),
    validateJson(DeleteUsers),
    async (c) => {
      const { userIds, partitionGlobalId } = c.req.valid('json')
      const { partition, database } = await reachPartition(c, partitionGlobalId ?? ownPartition(c))
      const knowing = onlyKnownIds(database, partition, 'userIds', userIds)
      const found = await deleteUsers(knowing, partition, userIds)
      known(found.partition, 'partitionGlobalId', partition)
      return noContent(c)
    },
  )
  .route('/', createUserRoutes)
  .route('/', inviteUsersRoutes)
  .route('/', updateUserRoutes)

async function pageOfUsers(c: Context<CallerEnv>, requested: string, search: z.infer<typeof UserSearch>) {
  const { partition, database } = await reachPartition(c, requested)
  const found = await listUsers(database, partition, {
    ...search,
    searchTerm: search.searchTerm ?? '',
    sortBy: search.sortBy,
  })
  const { totalCount, rows } = known(found, 'partitionGlobalId', partition)
  return { totalCount, results: rows.map(presentUser) }
}
