// The grant type client_credentials: a client's token for itself.
import type { Context } from 'hono'
import { issuerOf } from '../auth/issuer.ts'
import { type AppEnv, openMain } from '../database/session.ts'
import { realTime } from '../http/timestamp.ts'
import { authenticateClient, requireGrantType } from './authenticate-client.ts'
import type { TokenRequest } from './connect.schema.ts'
import { enterTenant } from './enter-tenant.ts'
import { grantScopes, issueToken } from './issue-token.ts'

export async function answerClient(c: Context<AppEnv>, request: TokenRequest) {
  const client = await authenticateClient(c.env, openMain(c), request)
  requireGrantType(client, 'client_credentials')
  if (c.var.timing) c.var.timing.client = client.id
  const scope = grantScopes(client, request.scope)
  await enterTenant(c, client)
  const { milliseconds: now } = c.var.control?.now() ?? realTime()
  return issueToken(c.env, { issuer: issuerOf(c), client, scope, now })
}
