// Says which user of a tenant is signed in at once, without a page, wherever a client asks for a user.
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { openMain, openPartition } from '../../database/session.ts'
import { foldName } from '../../http/fold-name.ts'
import { ok } from '../../http/ok.ts'
import { invalid } from '../../http/refusal.ts'
import { validate, validateStrictJson } from '../../http/validate.ts'
import { selectNamed } from '../../users/login-attempt.queries.ts'
import type { ControlEnv } from '../access/call.ts'
import { changeSettings } from '../effects/armed.ts'
import { requirePasswordless } from '../tenants/passwordless.ts'
import { operation } from './operation.ts'
import { requestedTenant, TenantPath } from './tenant-path.ts'

const SetSignIn = z.object({
  /** Id, name or email address of a user; null for nobody. */
  user: z.nullable(z.string()),
})
const SignIn = z.object({ user: z.nullable(z.string()) })

export const signInRoutes = new Hono<ControlEnv>().put(
  '/tenants/:tenant/sign-in',
  operation({
    operationId: 'setSignIn',
    key: 'tenant',
    summary: 'Which user is signed in at once, without a page, wherever a client asks for a user.',
    answer: SignIn,
    problems: [409],
  }),
  validate('param', TenantPath),
  validateStrictJson(SetSignIn),
  async (c) => {
    const { id: partition } = await requestedTenant(c, c.req.valid('param').tenant)
    const { user } = c.req.valid('json')
    const database = openPartition(c, partition, 'current')
    if (user === null) {
      await changeSettings(c.env, database, partition, () => ({ signIn: null }))
      return ok(c, { user })
    }
    await requirePasswordless(c.env, openMain(c), partition)
    const found = await database.first(selectNamed, { partition, userName: user, key: foldName(user) })
    if (!found) throw invalid('user', `there is no user ${user.slice(0, 100)}.`)
    await changeSettings(c.env, database, partition, () => ({ signIn: found.id }))
    return ok(c, { user: found.id })
  },
)
