// The grant type authorization_code: tokens of a user, for the code that the sign-in page sent the client.

import type { Context } from 'hono'
import { base64url } from 'jose'
import { issuerOf } from '../auth/issuer.ts'
import { type AppEnv, openMain } from '../database/session.ts'
import { type Redeemed, redeem } from '../grants/redeem.ts'
import { authenticateClient, requireGrantType } from './authenticate-client.ts'
import type { TokenRequest } from './connect.schema.ts'
import { TokenRefusal } from './token-refusal.ts'
import { issueUserTokens } from './user-tokens.ts'

const CODE = 'authorization_code'

export async function answerCode(c: Context<AppEnv>, request: TokenRequest) {
  if (request.code === undefined) {
    requireGrantType(await authenticateClient(c.env, openMain(c), request), CODE)
    throw new TokenRefusal('invalid_grant')
  }
  const redeemed = await redeem(c, 'code', { handle: request.code, request, allowed: CODE })
  const { details, scopes, ...rest } = redeemed
  await requireSameRequest(redeemed, request)
  return issueUserTokens(c.env, { ...rest, ...details, scopes, issuer: issuerOf(c) })
}

/**
 * Refuses a code that was asked for with another address or PKCE challenge. It is used up all the same. Real server: so it is
 * there (the framework's source).
 */
async function requireSameRequest({ details }: Redeemed, { redirect_uri, code_verifier }: TokenRequest) {
  const { redirectUri, codeChallenge } = details
  // Real server: this error for one that is missing (the framework's source).
  if (redirect_uri === undefined) throw new TokenRefusal('unauthorized_client')
  if (redirect_uri !== redirectUri) throw new TokenRefusal('invalid_grant')
  // A verifier without a challenge is refused too: the code may be of a request whose challenge somebody took out.
  const challenge = code_verifier === undefined ? undefined : await challengeOf(code_verifier)
  if (challenge !== codeChallenge) throw new TokenRefusal('invalid_grant')
}

/** The PKCE challenge (S256) of a verifier; of one that is too short or too long none that there could be. */
async function challengeOf(verifier: string): Promise<string> {
  if (!/^[\w.~-]{43,128}$/.test(verifier)) return ''
  return base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))))
}
