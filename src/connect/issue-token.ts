// Grants scopes to a client and signs its access token.
import { SignJWT } from 'jose'
import { ALGORITHM, keyRing } from '../auth/keys.ts'
import { AUDIENCES } from '../auth/scopes.ts'
import type { Database } from '../database/database.ts'
import { Refusal } from '../http/refusal.ts'
import { refusesClientSecret } from '../secrets/refuses-to-serve.ts'
import { type ClientRow, findClient } from './client.queries.ts'
import { secretMatches } from './client-secret.ts'
import type { TokenRequest } from './connect.schema.ts'
import { TokenRefusal } from './token-request.ts'

/** Real server: one hour. In seconds. */
const LIFETIME = 3600

/** The client that authenticated itself. @throws TokenRefusal */
export async function authenticateClient(
  env: Cloudflare.Env,
  database: Database,
  request: TokenRequest,
): Promise<ClientRow> {
  if (!request.grant_type) throw new TokenRefusal('invalid_request')
  if (!request.client_id) throw new TokenRefusal('invalid_client')
  const client = await findClient(database, request.client_id)
  const matches = await secretMatches(request.client_secret ?? '', client?.secretHash)
  if (!client || !matches) throw new TokenRefusal('invalid_client')
  const reasons = refusesClientSecret(env, client.secretHash)
  if (reasons.length > 0) throw new Refusal({ is: 'notServing', reasons })
  if (request.grant_type !== 'client_credentials') throw new TokenRefusal('unsupported_grant_type')
  return client
}

/** The requested scopes, or all of the client's if none is requested. @throws TokenRefusal beyond those */
export function grantScopes(client: ClientRow, requested: string | undefined): string[] {
  const registered = client.scopes.split(' ')
  const asked = [...new Set(requested?.split(' ').filter(Boolean))]
  if (asked.length === 0) return registered
  if (!asked.every((scope) => registered.includes(scope))) throw new TokenRefusal('invalid_scope')
  return asked
}

const isReadOnly = (client: ClientRow) => client.scopes.split(' ').every((scope) => scope.endsWith('.Read'))

/** A signed access token of the client, and how it is described beside it. */
export async function issueToken(env: Cloudflare.Env, issuer: string, client: ClientRow, scope: string[]) {
  const { signing } = await keyRing(env)
  const issued = Math.floor(Date.now() / 1000)
  const claims = {
    iss: issuer,
    nbf: issued,
    iat: issued,
    exp: issued + LIFETIME,
    aud: AUDIENCES,
    scope,
    client_id: client.id,
    sub_type: 'service.external',
    prt_id: client.partitionId,
    ...(client.hostAdmin && { host: 'True' }),
    // Own to this project, and on the tokens of read-only clients alone: they may be answered by any replica.
    ...(isReadOnly(client) && { read_only: true }),
    jti: crypto.randomUUID().replaceAll('-', '').toUpperCase(),
  }
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: ALGORITHM, kid: signing.kid, typ: 'at+jwt' })
    .sign(signing.key)
  return { access_token: token, expires_in: LIFETIME, token_type: 'Bearer' as const, scope: scope.join(' ') }
}
