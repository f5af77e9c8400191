// Signs the tokens of a user who has signed in: an access token, and an id_token where `openid` is granted.
import { base64url, type JWTPayload } from 'jose'
import { keyRing } from '../auth/keys.ts'
import { AUDIENCES, OFFLINE_ACCESS } from '../auth/scopes.ts'
import type { TokenUser } from '../users/token-user.queries.ts'
import type { ClientRow } from './client.queries.ts'
import type { TokenResponse } from './connect.schema.ts'
import { issuance, LIFETIME, newTokenId, signAccessToken, signToken } from './issue-token.ts'

/** Real server: five minutes (observed). In seconds. */
const ID_TOKEN_LIFETIME = 300

/** What tokens of a user are made from. */
export interface UserGrant {
  readonly issuer: string
  readonly client: Pick<ClientRow, 'id' | 'mayPrefer'>
  readonly partition: string
  readonly user: TokenUser
  /** The scopes of these tokens. */
  readonly scopes: readonly string[]
  /** When and how the user signed in. Seconds since the epoch. */
  readonly authTime: number
  readonly amr: string
  /** The session in the user's browser; null where there is none. */
  readonly sessionId: string | null
  readonly nonce?: string | undefined
  readonly refreshToken?: string | undefined
  /** By the tenant's clock, in milliseconds since the epoch. */
  readonly now: number
}

/**
 * The answer of the token endpoint to a user's grant. Real server: its keys in this order (the framework's source).
 *
 * @example
 * return issueUserTokens(c.env, { issuer: issuerOf(c), client, partition, user, scopes, authTime, amr: 'pwd', sessionId, now })
 */
export async function issueUserTokens(env: Cloudflare.Env, grant: UserGrant): Promise<TokenResponse> {
  const ring = await keyRing(env)
  const mayPrefer = env.CONTROL_TOKEN ? Boolean(grant.client.mayPrefer) : false
  const scope = orderScopes(grant.scopes)
  const access_token = await signAccessToken(ring, accessClaims(grant, scope, mayPrefer))
  const id_token = scope.includes('openid')
    ? await signToken(ring, await identityClaims(grant, scope, access_token), undefined, 'JWT')
    : undefined
  return {
    ...(id_token !== undefined && { id_token }),
    access_token,
    expires_in: LIFETIME,
    token_type: 'Bearer',
    ...(grant.refreshToken !== undefined && { refresh_token: grant.refreshToken }),
    scope: scope.join(' '),
  }
}

/** Real server: in the order granted, `offline_access` last (the framework's source). */
export const orderScopes = (scopes: readonly string[]) => [
  ...scopes.filter((scope) => scope !== OFFLINE_ACCESS),
  ...scopes.filter((scope) => scope === OFFLINE_ACCESS),
]

/** Assumed: the value. Real server: an identity provider's name for one that is federated (observed). */
const IDP = 'local'

function accessClaims(grant: UserGrant, scope: readonly string[], mayPrefer: boolean): JWTPayload {
  const { issuer, client, user, authTime, amr, sessionId, now } = grant
  return {
    ...issuance(issuer, now, LIFETIME),
    aud: AUDIENCES,
    scope,
    amr: [amr],
    client_id: client.id,
    sub: user.id,
    auth_time: authTime,
    idp: IDP,
    sub_type: 'user',
    prt_id: grant.partition,
    ...namesOf(user),
    ...emailOf(user),
    // Real server: this for users that are not federated (observed).
    ext_idp_disp_name: 'GlobalIdp',
    ...(mayPrefer && { prefer: true }),
    ...(sessionId !== null && { sid: sessionId }),
    jti: newTokenId(),
  }
}

async function identityClaims(grant: UserGrant, scope: readonly string[], accessToken: string): Promise<JWTPayload> {
  const { issuer, client, user, authTime, amr, sessionId, nonce, now } = grant
  return {
    ...issuance(issuer, now, ID_TOKEN_LIFETIME),
    aud: client.id,
    ...(nonce !== undefined && { nonce }),
    at_hash: await halfHash(accessToken),
    ...(sessionId !== null && { sid: sessionId }),
    sub: user.id,
    auth_time: authTime,
    idp: IDP,
    amr: [amr],
    prt_id: grant.partition,
    ...(scope.includes('profile') && namesOf(user)),
    ...(scope.includes('email') && { ...emailOf(user), email_verified: user.emailConfirmed }),
  }
}

/** The claims that the scope `profile` stands for. Real server: `first_name` and `last_name`, not OpenID's names (observed). */
export const namesOf = ({ userName, displayName, firstName, lastName }: TokenUser): JWTPayload => ({
  preferred_username: userName,
  name: displayName,
  ...(firstName !== null && { first_name: firstName }),
  ...(lastName !== null && { last_name: lastName }),
})

export const emailOf = ({ email }: TokenUser): JWTPayload => (email === '' ? {} : { email })

/** The left half of a text's SHA-256, base64url: the claim `at_hash` (OpenID Connect Core, section 3.1.3.6). */
async function halfHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return base64url.encode(new Uint8Array(digest).subarray(0, 16))
}
