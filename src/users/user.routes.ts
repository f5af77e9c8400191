// /api/User and /api/UserPartition/users: users of a partition are listed, read and deleted here.
import { type Context, Hono } from 'hono'
import type * as z from 'zod/mini'
import { ownPartition, reachPartition } from '../auth/reach-partition.ts'
import { type CallerEnv, requireScope } from '../auth/require-scope.ts'
import type { AppEnv } from '../database/session.ts'
import { describe } from '../http/contract.ts'
import { unknownId } from '../http/identifier.ts'
import { noContent, ok } from '../http/ok.ts'
import { validate, validateJson } from '../http/validate.ts'
import { createUserRoutes } from './create-user.routes.ts'
import { deleteUsers } from './delete-users.queries.ts'
import { inviteUsersRoutes } from './invite-users.routes.ts'
import { listUsers } from './list-users.queries.ts'
import { updateUserRoutes } from './update-user.routes.ts'
import { findUser, presentUser } from './user.queries.ts'
import {
  DeleteUsers,
  LoginAttemptSearch,
  LoginAttempts,
  User,
  UserPath,
  UserSearch,
  Users,
  UsersPath,
} from './user.schema.ts'

const listed = { summary: 'A page of the users of a partition, searched and sorted.', answer: Users }

export const userRoutes = new Hono<AppEnv>()
  .get(
    '/api/User/users/:partitionGlobalId',
    describe({ operationId: 'User_GetUsers', ...listed }),
    requireScope('PM.User', 'PM.User.Read'),
    validate('param', UsersPath),
    validate('query', UserSearch),
    async (c) => ok(c, await pageOfUsers(c, c.req.valid('param').partitionGlobalId, c.req.valid('query'))),
  )
  .get(
    '/api/UserPartition/users/:partitionGlobalId',
    describe({ operationId: 'UserPartition_GetPartitionUsers', ...listed }),
    requireScope('PM.User', 'PM.User.Read'),
    validate('param', UsersPath),
    validate('query', UserSearch),
    async (c) => ok(c, await pageOfUsers(c, c.req.valid('param').partitionGlobalId, c.req.valid('query'))),
  )
  .get(
    '/api/User/:userId',
    describe({ operationId: 'User_GetUser', summary: "A user of the token's partition.", answer: User }),
    requireScope('PM.User', 'PM.User.Read'),
    validate('param', UserPath),
    async (c) => {
      const { userId } = c.req.valid('param')
      const { partition, database } = await reachPartition(c, ownPartition(c))
      const found = await findUser(database, { partition, user: userId })
      if (!found) throw unknownId('userId', userId)
      return ok(c, presentUser(found))
    },
  )
  .get(
    '/api/User/:userId/loginAttempts',
    describe({
      operationId: 'UserLoginAttempt_GetLoginAttempts',
      summary: "A page of a user's login attempts. None are recorded, so it is empty.",
      answer: LoginAttempts,
    }),
    requireScope('PM.UserLoginAttempt', 'PM.UserLoginAttempt.Read'),
    validate('param', UserPath),
    validate('query', LoginAttemptSearch),
    async (c) => {
      const { userId } = c.req.valid('param')
      const { partition, database } = await reachPartition(c, ownPartition(c))
      const found = await findUser(database, { partition, user: userId })
      if (!found) throw unknownId('userId', userId)
      return ok(c, { totalCount: 0, results: [] })
    },
  )
  .delete(
    '/api/User/:userId',
    describe({ operationId: 'User_Delete', summary: 'Deletes a user with its settings and memberships.' }),
    requireScope('PM.User', 'PM.User.Write'),
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
    describe({ operationId: 'User_BulkDelete', summary: 'Deletes the users among the given ids.' }),
    requireScope('PM.User', 'PM.User.Write'),
    validateJson(DeleteUsers),
    async (c) => {
      const { userIds, partitionGlobalId } = c.req.valid('json')
      const { partition, database } = await reachPartition(c, partitionGlobalId ?? ownPartition(c))
      const { known } = await deleteUsers(database, partition, userIds)
      if (!known) throw unknownId('partitionGlobalId', partition)
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
  if (!found) throw unknownId('partitionGlobalId', partition)
  return { totalCount: found.totalCount, results: found.rows.map(presentUser) }
}
