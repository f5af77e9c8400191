// Signs users in for tests that have no browser.
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { issuerOf } from '../../auth/issuer.ts'
import { TokenResponse } from '../../connect/connect.schema.ts'
import { databasesFor } from '../../database/session.ts'
import { created } from '../../http/ok.ts'
import { validate, validateStrictJson } from '../../http/validate.ts'
import type { ControlEnv } from '../access/call.ts'
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
  }),
  validate('param', TenantPath),
  validateStrictJson(WriteSignIn),
  async (c) => {
    const tenant = await requestedTenant(c, c.req.valid('param').tenant)
    const site = { env: c.env, databases: databasesFor(c), issuer: issuerOf(c) }
    return created(c, await signIn(site, tenant, c.req.valid('json')))
  },
)
