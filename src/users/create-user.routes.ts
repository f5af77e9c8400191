// POST /api/User and /api/User/BulkCreate: users made by others.
import { Hono } from 'hono'
import { authorize } from '../auth/authorize.ts'
import { onlyKnownIds } from '../auth/known-ids.ts'
import { ownPartition, reachPartition } from '../auth/reach-partition.ts'
import { ADMINISTERING } from '../auth/roles.ts'
import type { AppEnv } from '../database/session.ts'
import { known } from '../http/identifier.ts'
import { ok } from '../http/ok.ts'
import { JSON_UTF8 } from '../http/refusal.ts'
import { now } from '../http/timestamp.ts'
import { validateJson } from '../http/validate.ts'
import { createUsers } from './create-users.queries.ts'
import { resultOf } from './identity-errors.ts'
import { brokenWithin, newUser, uniqueIds } from './new-users.ts'
import { featuresOf, hashPassword } from './password.ts'
import { presentUser } from './user.queries.ts'
import { IdentityResult } from './user.schema.ts'
import { CreatedUsers, CreateUser, CreateUsers } from './write-user.schema.ts'

export const createUserRoutes = new Hono<AppEnv>()
  .post(
    '/api/User',
    authorize({
      operationId: 'User_CreateUser',
      summary: 'Creates a user; fails if the user name or the email is taken.',
      answer: IdentityResult,
      answers: { 400: IdentityResult },
      scopes: ['PM.User', 'PM.User.Write'],
      callers: ADMINISTERING,
    }),
    validateJson(CreateUser),
    async (c) => {
      const body = c.req.valid('json')
      const { partition, database } = await reachPartition(c, body.partitionGlobalId ?? ownPartition(c))
      const knowing = onlyKnownIds(database, partition, 'groupIDs', body.groupIDs)
      const id = body.id ?? crypto.randomUUID()
      const hash = body.password ? await hashPassword(c.env, id, body.password) : null
      const features = body.password && body.validatePassword !== false ? featuresOf(body.password) : null
      const listed = [newUser({ ...body, id }, hash)]
      const creation = {
        partition,
        now: now(c),
        found: brokenWithin(listed),
        groups: uniqueIds(body.groupIDs),
        features,
      }
      const { partition: stored, broken } = await createUsers(knowing, { ...creation, listed })
      known(stored, 'partitionGlobalId', partition)
      return broken.length === 0 ? ok(c, resultOf([])) : c.json(resultOf(broken), 400, JSON_UTF8)
    },
  )
  .post(
    '/api/User/BulkCreate',
    authorize({
      operationId: 'User_CreateUsers',
      summary: 'Creates users, all of them or none, in the same groups.',
      answer: CreatedUsers,
      answers: { 400: CreatedUsers },
      evidence: 'documented; body observed',
      scopes: ['PM.User', 'PM.User.Write'],
      callers: ADMINISTERING,
    }),
    validateJson(CreateUsers),
    async (c) => {
      const { users, groupIDs, partitionGlobalId } = c.req.valid('json')
      const { partition, database } = await reachPartition(c, partitionGlobalId ?? ownPartition(c))
      const knowing = onlyKnownIds(database, partition, 'groupIDs', groupIDs)
      const listed = users.map((given) => newUser(given))
      const creation = {
        partition,
        now: now(c),
        found: brokenWithin(listed),
        groups: uniqueIds(groupIDs),
        features: null,
      }
      const { partition: stored, broken, created } = await createUsers(knowing, { ...creation, listed })
      known(stored, 'partitionGlobalId', partition)
      const answer = { result: resultOf(broken), users: created.map(presentUser) }
      return broken.length === 0 ? ok(c, answer) : c.json(answer, 400, JSON_UTF8)
    },
  )
