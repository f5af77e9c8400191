// Signs users in for tests that have no browser.
import { type Context, Hono } from 'hono'
import * as z from 'zod/mini'
import { issuerOf } from '../../auth/issuer.ts'
import { TokenResponse } from '../../connect/connect.schema.ts'
import { databasesFor, openMain } from '../../database/session.ts'
import { matchedOperation } from '../../http/contract.ts'
import { isLocalRun } from '../../http/local-run.ts'
import { created } from '../../http/ok.ts'
import { validate, validateStrictJson } from '../../http/validate.ts'
import type { ControlEnv } from '../access/call.ts'
import { writeJournal } from '../effects/journal.ts'
import { requirePasswordless } from '../tenants/passwordless.ts'
import { signIn } from '../tenants/sign-in.ts'
import { operation } from './operation.ts'
import { requestedTenant, TenantPath } from './tenant-path.ts'

export const WriteSignIn = z.object({
  /** User name, email address or id. */
  user: z.string(),
  /** Left out, the first that users sign in with. */
  client: z.optional(z.string()),
  /** Left out, all that the client may ask for. */
  scopes: z.optional(z.array(z.string())),
})

export const userTokenRoutes = new Hono<ControlEnv>().post(
  '/tenants/:tenant/sign-ins',
  operation({
    operationId: 'signIn',
    key: 'tenant',
    summary: "A user's tokens for a client of a tenant, as at the end of a sign-in.",
    answer: TokenResponse,
    status: 201,
    problems: [409],
  }),
  validate('param', TenantPath),
  validateStrictJson(WriteSignIn),
  async (c) => {
    const began = Date.now()
    const tenant = await requestedTenant(c, c.req.valid('param').tenant)
    await requirePasswordless(c.env, openMain(c), tenant.id)
    const site = { env: c.env, databases: databasesFor(c), issuer: issuerOf(c) }
    const { tokens, client, user } = await signIn(site, tenant, c.req.valid('json'))
    const response = created(c, tokens)
    if (!isLocalRun(c.env)) await writeDown(c, tenant.id, { client, user, began, response })
    return response
  },
)

/** In a deployment nobody signs in without a password unseen: the sign-in is in the journal, whether or not that is on. */
const writeDown = (
  c: Context<ControlEnv>,
  partition: string,
  { client, user, began, response }: { client: string; user: string; began: number; response: Response },
) =>
  writeJournal(c.env, partition, {
    ...{ request: c.req, requestText: () => c.req.text(), response, operation: matchedOperation(c) },
    ...{ caller: { clientId: client, userId: user, mayPrefer: false }, began, headers: undefined, near: null },
  })
