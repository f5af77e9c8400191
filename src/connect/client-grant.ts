// The grant type client_credentials: a client's token for itself.
import type { Context } from 'hono'
import { issuerOf } from '../auth/issuer.ts'
import { databaseOf, MAIN } from '../database/placement.ts'
import { type AppEnv, openMain } from '../database/session.ts'
import { realTime } from '../http/timestamp.ts'
import { authenticateClient, requireGrantType } from './authenticate-client.ts'
import type { ClientRow } from './client.queries.ts'
import type { TokenRequest } from './connect.schema.ts'
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

/** Applies to this request what the control plane armed for the client's partition: its faults and its clock. */
export async function enterTenant(c: Context<AppEnv>, { id, partitionId, mayPrefer, revision }: ClientRow) {
  const caller = { clientId: id, userId: undefined, mayPrefer: Boolean(mayPrefer) }
  // The client's row has the revision of the main database; for a partition of another database it has to be asked there.
  const known = databaseOf(c.env, partitionId).name === MAIN ? revision : undefined
  await c.var.control?.enter(partitionId, caller, known)
}
