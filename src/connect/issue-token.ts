// Grants scopes to a client and signs its access token.
import { type JWTPayload, SignJWT } from 'jose'
import { ALGORITHM, type KeyRing, keyRing } from '../auth/keys.ts'
import { AUDIENCES } from '../auth/scopes.ts'
import type { Database } from '../database/database.ts'
import { Refusal } from '../http/refusal.ts'
import { isExpired } from '../partitions/expiry.ts'
import { refusesClientSecret } from '../secrets/refuses-to-serve.ts'
import { type ClientRow, findClient } from './client.queries.ts'
import { areCredentials, type Credentials } from './client-credentials.ts'
import { secretMatches } from './client-secret.ts'
import { TokenRefusal } from './token-refusal.ts'

/** Real server: one hour. In seconds. */
export const LIFETIME = 3600

/** The client that authenticated itself. @throws TokenRefusal */
export async function authenticateClient(
  env: Cloudflare.Env,
  database: Database,
  request: Credentials,
): Promise<ClientRow> {
  // Real server: who names no client is not told that the client is wrong (the framework since 7.4).
  if (!request.client_id || !areCredentials(request)) throw new TokenRefusal('invalid_request')
  const client = await findClient(database, request.client_id)
  const matches = await secretMatches(request.client_secret ?? '', client?.secretHash)
  if (!client || !matches || isExpired(client)) throw new TokenRefusal('invalid_client')
  const reasons = refusesClientSecret(env, client.secretHash)
  if (reasons.length > 0) throw new Refusal({ is: 'notServing', reasons })
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

const isReadOnly = (client: Grantee) => client.scopes.split(' ').every((scope) => scope.endsWith('.Read'))

/** A signed access token of the client, and how it is described beside it. */
export async function issueToken(
  env: Cloudflare.Env,
  { issuer, client, scope, now }: { issuer: string; client: Grantee; scope: string[]; now: number },
) {
  // The claim is the control plane's: where that is off, no token has it.
  const mayPrefer = env.CONTROL_TOKEN ? client.mayPrefer : false
  const token = await signToken(await keyRing(env), claimsFor(issuer, { ...client, mayPrefer }, scope, now))
  return { access_token: token, expires_in: LIFETIME, token_type: 'Bearer' as const, scope: scope.join(' ') }
}

/** The columns of a client that its tokens are made from. */
export type Grantee = Pick<ClientRow, 'id' | 'partitionId' | 'scopes' | 'hostAdmin' | 'mayPrefer'>

/** @param now milliseconds since the epoch */
export function claimsFor(issuer: string, client: Grantee, scope: readonly string[], now: number): JWTPayload {
  const issued = Math.floor(now / 1000)
  return {
    iss: issuer,
    nbf: issued,
    iat: issued,
    exp: issued + LIFETIME,
    aud: AUDIENCES,
    scope,
    client_id: client.id,
    // Real server: a client's token has the client's id for its subject (documented).
    sub: client.id,
    sub_type: 'service.external',
    prt_id: client.partitionId,
    ...(client.hostAdmin ? { host: 'True' } : undefined),
    // Not of the real server. On tokens of clients that can only read: any read replica may answer them.
    ...(isReadOnly(client) && { read_only: true }),
    // Not of the real server either: the token may ask for faults with the header `Prefer`.
    ...(client.mayPrefer ? { prefer: true } : undefined),
    jti: crypto.randomUUID().replaceAll('-', '').toUpperCase(),
  }
}

/** Signs any claims. `kid` is the signing key's unless another is given, for a token that must not verify. */
export const signToken = ({ signing }: KeyRing, claims: JWTPayload, kid = signing.kid): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM, kid, typ: 'at+jwt' }).sign(signing.key)
