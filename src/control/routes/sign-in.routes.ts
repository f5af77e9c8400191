// Says which user of a tenant is signed in at once, without a page, wherever a client asks for a user.
import { eq } from 'drizzle-orm'
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { select } from '../../database/query-builder.ts'
import { type AppEnv, openMain, openPartition } from '../../database/session.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { foldName } from '../../http/fold-name.ts'
import { isLocalRun } from '../../http/local-run.ts'
import { ok } from '../../http/ok.ts'
import { invalid } from '../../http/refusal.ts'
import { validate, validateStrictJson } from '../../http/validate.ts'
import { selectNamed } from '../../users/login-attempt.queries.ts'
import { tenants } from '../control.table.ts'
import { changeSettings } from '../effects/armed.ts'
import { ControlProblem } from '../problem.ts'
import { operation } from './operation.ts'
import { requestedTenant, TenantPath } from './tenant-path.ts'

const SetSignIn = z.object({
  /** Id, name or email address of a user; null for nobody. */
  user: z.nullable(z.string()),
})
const SignIn = z.object({ user: z.nullable(z.string()) })

const selectPasswordless = statement(
  (v: Slots<{ partition: string }>) =>
    select({ passwordless: tenants.passwordless }).from(tenants).where(eq(tenants.partitionId, v.partition)),
  { touches: 'partition' },
)

export const signInRoutes = new Hono<AppEnv>().put(
  '/tenants/:tenant/sign-in',
  operation({
    operationId: 'setSignIn',
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
    const allowed = isLocalRun(c.env) || (await openMain(c).first(selectPasswordless, { partition }))?.passwordless
    if (!allowed)
      throw new ControlProblem(409, 'The tenant was not made with `passwordless`: its users have to sign in.')
    const found = await database.first(selectNamed, { partition, userName: user, key: foldName(user) })
    if (!found) throw invalid('user', `there is no user ${user.slice(0, 100)}.`)
    await changeSettings(c.env, database, partition, () => ({ signIn: found.id }))
    return ok(c, { user: found.id })
  },
)
