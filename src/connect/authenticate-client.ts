// Whether the client that a token request names is who it says it is.
import type { Database } from '../database/database.ts'
import { Refusal } from '../http/refusal.ts'
import { isExpired } from '../partitions/expiry.ts'
import { refusesClientSecret } from '../secrets/refuses-to-serve.ts'
import { type ClientRow, findClient } from './client.queries.ts'
import { areCredentials, type Credentials } from './client-credentials.ts'
import { NO_SECRET, secretMatches } from './client-secret.ts'
import { TokenRefusal } from './token-refusal.ts'

/** The client that authenticated itself. @throws TokenRefusal */
export async function authenticateClient(
  env: Cloudflare.Env,
  database: Database,
  request: Credentials,
): Promise<ClientRow> {
  return refuseUnlessAuthentic(env, request, await findClient(database, requireClientId(request)))
}

/** @throws TokenRefusal where the request names no client, or none that there could be */
export function requireClientId(request: Credentials): string {
  // Real server: who names no client is not told that the client is wrong (the framework since 7.4).
  if (!request.client_id || !areCredentials(request)) throw new TokenRefusal('invalid_request')
  return request.client_id
}

/**
 * `client`, if the request has its secret, or it is a public one. Real server: a secret that such a one sends is ignored (the
 * framework's source).
 * @throws TokenRefusal
 */
export async function refuseUnlessAuthentic<Client extends Pick<ClientRow, 'secretHash' | 'expiresAt'>>(
  env: Cloudflare.Env,
  { client_secret = '' }: Credentials,
  client: Client | undefined,
): Promise<Client> {
  const matches = await secretMatches(client_secret, client?.secretHash)
  const isAuthentic = matches || client?.secretHash === NO_SECRET
  if (!client || !isAuthentic || isExpired(client)) throw new TokenRefusal('invalid_client')
  const reasons = refusesClientSecret(env, client.secretHash)
  if (reasons.length > 0) throw new Refusal({ is: 'notServing', reasons })
  return client
}

/** @throws TokenRefusal where the client is not registered with the grant type */
export function requireGrantType({ grantTypes }: ClientRow, grantType: string) {
  if (!grantTypes.split(' ').includes(grantType)) throw new TokenRefusal('unauthorized_client')
}
