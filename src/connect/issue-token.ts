// Grants scopes to a client and signs its access token.
import { base64url, type JWTPayload } from 'jose'
import { ALGORITHM, type KeyRing, keyRing } from '../auth/keys.ts'
import { AUDIENCES, IDENTITY_SCOPES, isUserScope, OFFLINE_ACCESS } from '../auth/scopes.ts'
import { rememberIssued } from '../auth/verify.ts'
import type { ClientRow } from './client.queries.ts'
import { TokenRefusal } from './token-refusal.ts'

/** Real server: one hour. In seconds. */
export const LIFETIME = 3600

/** The requested scopes, or all of the client's if none is requested. @throws TokenRefusal beyond those */
export function grantScopes(client: ClientRow, requested: string | undefined): string[] {
  // Real server: scopes that only a user can grant are refused, and not among those of a request without any.
  const registered = client.scopes.split(' ').filter((scope) => !isUserScope(scope))
  const asked = listScopes(requested)
  if (asked.length === 0) return registered
  if (!asked.every((scope) => registered.includes(scope))) throw new TokenRefusal('invalid_scope')
  return asked
}

/** @throws TokenRefusal for scopes that users cannot grant the client */
export function requireUserScopes({ scopes }: Pick<ClientRow, 'scopes'>, asked: readonly string[]) {
  const registered = scopes.split(' ')
  const isRegistered = asked.every((scope) => scope === OFFLINE_ACCESS || registered.includes(scope))
  // Real server: claims of a user need `openid` (the framework's source).
  const needsOpenId = asked.some((scope) => IDENTITY_SCOPES.includes(scope)) && !asked.includes('openid')
  if (!isRegistered || needsOpenId) throw new TokenRefusal('invalid_scope')
}

/** The scopes of a request, each once. */
export const listScopes = (requested = '') => [...new Set(requested.split(' ').filter(Boolean))]

const isReadOnly = (client: Grantee) => client.scopes.split(' ').every((scope) => scope.endsWith('.Read'))

/** A signed access token of the client, and how it is described beside it. */
export async function issueToken(
  env: Cloudflare.Env,
  { issuer, client, scope, now }: { issuer: string; client: Grantee; scope: string[]; now: number },
) {
  // The claim is the control plane's: where that is off, no token has it.
  const mayPrefer = env.CONTROL_TOKEN ? client.mayPrefer : false
  const token = await signAccessToken(await keyRing(env), claimsFor(issuer, { ...client, mayPrefer }, scope, now))
  return { access_token: token, expires_in: LIFETIME, token_type: 'Bearer' as const, scope: scope.join(' ') }
}

/** The columns of a client that its tokens are made from. */
export type Grantee = Pick<ClientRow, 'id' | 'partitionId' | 'scopes' | 'hostAdmin' | 'mayPrefer'>

/** @param now milliseconds since the epoch */
export function claimsFor(issuer: string, client: Grantee, scope: readonly string[], now: number): JWTPayload {
  return {
    ...issuance(issuer, now, LIFETIME),
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
    jti: newTokenId(),
  }
}

/**
 * The claims that every token begins with: who issued it, and from when to when it holds.
 *
 * @param now milliseconds since the epoch
 * @param lifetime in seconds
 */
export function issuance(issuer: string, now: number, lifetime: number) {
  const issued = Math.floor(now / 1000)
  return { iss: issuer, nbf: issued, iat: issued, exp: issued + lifetime }
}

/** 32 hexadecimal digits in upper case. */
export const newTokenId = () => crypto.randomUUID().replaceAll('-', '').toUpperCase()

const encoder = new TextEncoder()

const inJwt = (value: object) => base64url.encode(JSON.stringify(value))

/**
 * Signs any claims: a JWS in its compact form (RFC 7515, section 7.1). jose's `SignJWT` makes the same text, and takes a tenth of a
 * signature's time for checking and copying claims that are made here.
 *
 * @param kid the signing key's unless another is given, for a token that must not verify
 */
export async function signToken(
  { signing }: KeyRing,
  claims: JWTPayload,
  kid = signing.kid,
  typ = 'at+jwt',
): Promise<string> {
  const signed = `${inJwt({ alg: ALGORITHM, kid, typ })}.${inJwt(claims)}`
  const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', signing.key, encoder.encode(signed))
  return `${signed}.${base64url.encode(new Uint8Array(signature))}`
}

/** Signs the claims of an access token as they are always made, and remembers it as one that this isolate has signed. */
export async function signAccessToken(ring: KeyRing, claims: JWTPayload): Promise<string> {
  const token = await signToken(ring, claims)
  rememberIssued(ring, token, claims)
  return token
}
