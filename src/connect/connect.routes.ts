// /connect and /.well-known: the tenant as its own token service.
import { type Context, Hono } from 'hono'
import { issuerOf } from '../auth/issuer.ts'
import { ALGORITHM, keyRing } from '../auth/keys.ts'
import { GRANTABLE_SCOPES } from '../auth/scopes.ts'
import type { AppEnv } from '../database/session.ts'
import { describe } from '../http/contract.ts'
import { ok } from '../http/ok.ts'
import { JSON_UTF8 } from '../http/refusal.ts'
import { Discovery, Jwks, OAuthError, TokenRequest, TokenResponse } from './connect.schema.ts'
import { answerGrant, GRANT_TYPES } from './grant-types.ts'
import { limitAddress, limitClient, RATE_PERIOD, TooManyRequests } from './limit-rate.ts'
import { readTokenRequest, TokenRefusal } from './token-request.ts'

const DISCOVERY = '/.well-known/openid-configuration'

export const connectRoutes = new Hono<AppEnv>()
  .post(
    '/connect/token',
    describe(
      {
        operationId: 'Connect_Token',
        summary: 'Tokens for a client, or for a user who has signed in.',
        evidence: 'observed',
        answer: TokenResponse,
        answers: { 400: OAuthError, 429: OAuthError },
        refusals: ['tooLarge', 'unsupportedMediaType'],
        form: TokenRequest,
      },
      async (c) => {
        try {
          await limitAddress(c)
          const request = await readTokenRequest(c)
          await limitClient(c, request.client_id)
          return c.json(await answerGrant(c, request), 200, TOKEN_HEADERS)
        } catch (error) {
          return answerTokenRefusal(c, error)
        }
      },
    ),
  )
  // Real server: any other method is a token request that is none (the framework's source).
  .all('/connect/token', (c) => answerTokenRefusal(c, new TokenRefusal('invalid_request')))
  .get(
    DISCOVERY,
    describe(
      {
        operationId: 'Discovery_Get',
        summary: 'The OpenID provider metadata.',
        evidence: 'observed',
        answer: Discovery,
      },
      (c) => ok(c, discovery(issuerOf(c), Boolean(c.env.CONTROL_TOKEN))),
    ),
  )
  .get(
    `${DISCOVERY}/jwks`,
    describe(
      {
        operationId: 'Discovery_GetKeys',
        summary: 'The public keys that verify tokens.',
        evidence: 'framework default',
        answer: Jwks,
      },
      async (c) => ok(c, (await keyRing(c.env)).jwks),
    ),
  )

/** Real server: caches of HTTP/1.0 are told as well (the framework's source). */
const TOKEN_HEADERS = { ...JSON_UTF8, Pragma: 'no-cache' }

function answerTokenRefusal(c: Context<AppEnv>, error: unknown): Response {
  if (error instanceof TokenRefusal) {
    return c.json({ error: error.code, error_description: error.description }, 400, TOKEN_HEADERS)
  }
  if (!(error instanceof TooManyRequests)) throw error
  // Assumed: the code. RFC 6749 has it for an overload; none is defined for a limit.
  const body = { error: 'temporarily_unavailable', error_description: 'Too many token requests.' }
  return c.json(body, 429, { ...JSON_UTF8, 'Retry-After': String(RATE_PERIOD) })
}

// Only what is implemented: a client calls whatever endpoint it discovers.
const discovery = (issuer: string, hasControl: boolean) => ({
  issuer,
  jwks_uri: `${issuer}${DISCOVERY}/jwks`,
  token_endpoint: `${issuer}/connect/token`,
  scopes_supported: GRANTABLE_SCOPES,
  claims_supported: [
    'iss',
    'aud',
    'exp',
    'nbf',
    'iat',
    'client_id',
    'sub',
    'sub_type',
    'prt_id',
    'scope',
    'host',
    'jti',
    ...(hasControl ? ['prefer'] : []),
  ],
  grant_types_supported: GRANT_TYPES,
  response_types_supported: [],
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  id_token_signing_alg_values_supported: [ALGORITHM],
  subject_types_supported: ['public'],
})
