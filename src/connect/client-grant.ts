// The grant type client_credentials: a client's token for itself.
import type { Context } from 'hono'
import { issuerOf } from '../auth/issuer.ts'
import { type AppEnv, openMain } from '../database/session.ts'
import { MemoryOf } from '../http/isolate-memory.ts'
import { realTime } from '../http/timestamp.ts'
import { authenticateClient, requireGrantType } from './authenticate-client.ts'
import type { ClientRow } from './client.queries.ts'
import type { TokenRequest } from './connect.schema.ts'
import { enterTenant } from './enter-tenant.ts'
import { grantScopes, issueToken } from './issue-token.ts'

/** What a client is granted: all that its token is made from but the time. */
export interface ClientGrant {
  readonly issuer: string
  readonly client: ClientRow
  readonly scope: string[]
}

const grants = new MemoryOf<Request, ClientGrant>('grantedRequests')

/** What a request that was answered here was granted; undefined if it asked for something else, or was refused. */
export const grantTo = (request: Request): ClientGrant | undefined => grants.get(request)

export async function answerClient(c: Context<AppEnv>, request: TokenRequest) {
  const client = await authenticateClient(c.env, openMain(c), request)
  requireGrantType(client, 'client_credentials')
  c.get('timing')?.note({ client: client.id })
  const grant = { issuer: issuerOf(c), client, scope: grantScopes(client, request.scope) }
  await enterTenant(c, client)
  if (c.env.EMBEDDED) grants.set(c.req.raw, grant)
  const { milliseconds: now } = c.get('control')?.now() ?? realTime()
  return issueToken(c.env, { ...grant, now })
}
