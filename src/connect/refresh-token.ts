// The grant type refresh_token: new tokens for a user who has signed in before, and a new refresh token for the one that is
// used up by it.
import type { Context } from 'hono'
import { issuerOf } from '../auth/issuer.ts'
import { type AppEnv, openMain } from '../database/session.ts'
import { redeem } from '../grants/redeem.ts'
import { authenticateClient } from './authenticate-client.ts'
import type { TokenRequest } from './connect.schema.ts'
import { listScopes } from './issue-token.ts'
import { TokenRefusal } from './token-refusal.ts'
import { issueUserTokens } from './user-tokens.ts'

export async function answerRefreshToken(c: Context<AppEnv>, request: TokenRequest) {
  if (request.refresh_token === undefined) {
    await authenticateClient(c.env, openMain(c), request)
    throw new TokenRefusal('invalid_request')
  }
  const asked = listScopes(request.scope)
  const { scopes, details, ...rest } = await redeem(c, 'refresh_token', {
    handle: request.refresh_token,
    request,
    asked,
  })
  // RFC 6749, section 6: fewer scopes hold for this access token alone; the next refresh token has all that were granted.
  const narrowed = asked.length > 0 ? asked : scopes
  return issueUserTokens(c.env, { ...rest, ...details, scopes: narrowed, issuer: issuerOf(c) })
}
