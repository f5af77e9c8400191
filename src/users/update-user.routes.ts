// PUT /api/User/{userId} and POST …/changepassword: a user is changed by others, or changes its own password.
import { Hono } from 'hono'
import { authorize } from '../auth/authorize.ts'
import { onlyKnownIds } from '../auth/known-ids.ts'
import { ownPartition, reachPartition } from '../auth/reach-partition.ts'
import { ADMINISTERING } from '../auth/roles.ts'
import type { Database } from '../database/database.ts'
import type { AppEnv } from '../database/session.ts'
import { excludeIds, known } from '../http/identifier.ts'
import { ok } from '../http/ok.ts'
import { JSON_UTF8 } from '../http/refusal.ts'
import { now } from '../http/timestamp.ts'
import { validate, validateJson } from '../http/validate.ts'
import { type Broken, resultOf } from './identity-errors.ts'
import { uniqueIds } from './new-users.ts'
import { featuresOf, formerHash, hashPassword } from './password.ts'
import type { PepperEnv } from './pepper.ts'
import { type AccountChange, type PasswordChange, type UserChange, updateUser } from './update-user.queries.ts'
import { IdentityResult, UserPath } from './user.schema.ts'
import { ChangePassword, UpdateUser } from './write-user.schema.ts'

export const updateUserRoutes = new Hono<AppEnv>()
  .put(
    '/api/User/:userId',
    authorize({
      operationId: 'User_Update',
      summary: 'Changes a user and the groups it is in, all of it or nothing; what is left out stays as it is.',
      answer: IdentityResult,
      evidence: 'documented; 200 for broken rules observed',
      scopes: ['PM.User', 'PM.User.Write'],
      callers: ADMINISTERING,
    }),
    validate('param', UserPath),
    validateJson(UpdateUser),
    async (c) => {
      const body = c.req.valid('json')
      const { partition, database } = await reachPartition(c, ownPartition(c))
      const key = { partition, user: c.req.valid('param').userId }
      const entering = onlyKnownIds(database, partition, 'groupIDsToAdd', body.groupIDsToAdd)
      const knowing = onlyKnownIds(entering, partition, 'groupIDsToRemove', body.groupIDsToRemove)
      const password = body.password ? await passwordChange(c.env, key.user, body.password) : undefined
      const { user, broken } = await updateUser(knowing, {
        ...{ ...key, account: accountChange(body), password, asked: uniqueIds(body.groupIDsToAdd), now: now(c) },
        add: excludeIds(body.groupIDsToAdd, body.groupIDsToRemove),
        remove: excludeIds(body.groupIDsToRemove, body.groupIDsToAdd),
      })
      known(user, 'userId', key.user)
      // Real server: a change that breaks a rule is answered with 200 (observed).
      return ok(c, resultOf(broken))
    },
  )
  .post(
    '/api/User/:userId/changepassword',
    authorize({
      operationId: 'User_ChangePassword',
      summary: "Changes a user's password, for whoever knows the present one.",
      answer: IdentityResult,
      answers: { 400: IdentityResult },
      scopes: ['PM.User', 'PM.User.Write'],
      callers: [...ADMINISTERING, 'self'],
      owner: 'userId',
    }),
    validate('param', UserPath),
    validateJson(ChangePassword),
    async (c) => {
      const { userId } = c.req.valid('param')
      const { oldPassword, newPassword } = c.req.valid('json')
      const { partition, database } = await reachPartition(c, ownPartition(c), { owner: userId })
      const change = { partition, user: userId, now: now(c) }
      const password = await passwordChange(c.env, userId, newPassword, oldPassword)
      const { user, broken } = await changePassword(database, { ...change, password }, oldPassword)
      known(user, 'userId', userId)
      return broken.length === 0 ? ok(c, resultOf([])) : c.json(resultOf(answered(broken)), 400, JSON_UTF8)
    },
  )

// Real server's framework: who does not know the password is told nothing about the new one.
function answered(broken: readonly Broken[]): readonly Broken[] {
  const mismatch = broken.filter(({ code }) => code === 'PasswordMismatch')
  return mismatch.length > 0 ? mismatch : broken
}

async function passwordChange(
  env: PepperEnv,
  user: string,
  newPassword: string,
  oldPassword?: string,
): Promise<PasswordChange> {
  const [newHash, oldHash] = await Promise.all([
    hashPassword(env, user, newPassword),
    oldPassword === undefined ? null : hashPassword(env, user, oldPassword),
  ])
  return { newHash, oldHash, features: featuresOf(newPassword) }
}

/** Changes a password. One whose hash is of before there was a pepper costs a second round trip, which binds it. */
async function changePassword(
  database: Database,
  change: UserChange & { password: PasswordChange },
  oldPassword: string,
) {
  const changed = await updateUser(database, change)
  const mismatch = changed.broken.find(({ code }) => code === 'PasswordMismatch')
  if (typeof mismatch?.subject !== 'number') return changed
  const former = await formerHash(change, oldPassword, mismatch.subject)
  return updateUser(database, { ...change, password: { ...change.password, formerHash: former } })
}

function accountChange(body: UpdateUser): AccountChange {
  const { name = null, surname = null, displayName = null, email = null, isActive = null } = body
  const { bypassBasicAuthRestriction = null, invitationAccepted = null } = body
  const removed = body.extensionUserAttributesToRemove ?? []
  const written = Object.entries(body.extensionUserAttributesToAddOrUpdate ?? {})
  const patch = Object.fromEntries([...removed.map((attribute) => [attribute, null]), ...written])
  return {
    ...{ name, surname, displayName, email, isActive, bypassBasicAuthRestriction, invitationAccepted },
    extensionAttributes: JSON.stringify(patch),
  }
}
