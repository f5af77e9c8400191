// /connect and /.well-known: the tenant as its own token service.
import { Hono } from 'hono'
import { issuerOf } from '../auth/issuer.ts'
import { ALGORITHM, keyRing } from '../auth/keys.ts'
import { SCOPES } from '../auth/scopes.ts'
import { type AppEnv, openMain } from '../database/session.ts'
import { describe } from '../http/contract.ts'
import { ok } from '../http/ok.ts'
import { JSON_UTF8 } from '../http/refusal.ts'
import { Discovery, Jwks, TokenRequest, TokenResponse } from './connect.schema.ts'
import { authenticateClient, grantScopes, issueToken } from './issue-token.ts'
import { readTokenRequest, TokenRefusal } from './token-request.ts'

const DISCOVERY = '/.well-known/openid-configuration'

export const connectRoutes = new Hono<AppEnv>()
  .post(
    '/connect/token',
    describe({
      operationId: 'Token_Issue',
      summary: 'An access token for a client (client_credentials).',
      answer: TokenResponse,
      form: TokenRequest,
    }),
    async (c) => {
      const noStore = { ...JSON_UTF8, 'Cache-Control': 'no-store' }
      try {
        const request = await readTokenRequest(c)
        const client = await authenticateClient(c.env, openMain(c), request)
        const scopes = grantScopes(client, request.scope)
        return c.json(await issueToken(c.env, issuerOf(c), client, scopes), 200, noStore)
      } catch (error) {
        if (!(error instanceof TokenRefusal)) throw error
        return c.json({ error: error.code }, 400, noStore)
      }
    },
  )
  .get(
    DISCOVERY,
    describe({ operationId: 'Discovery_Get', summary: 'The OpenID provider metadata.', answer: Discovery }),
    (c) => ok(c, discovery(issuerOf(c))),
  )
  .get(
    `${DISCOVERY}/jwks`,
    describe({ operationId: 'Discovery_GetKeys', summary: 'The public keys that verify tokens.', answer: Jwks }),
    async (c) => ok(c, (await keyRing(c.env)).jwks),
  )

// Only what this tenant serves is advertised.
const discovery = (issuer: string) => ({
  issuer,
  jwks_uri: `${issuer}${DISCOVERY}/jwks`,
  token_endpoint: `${issuer}/connect/token`,
  scopes_supported: SCOPES,
  claims_supported: ['iss', 'aud', 'exp', 'nbf', 'iat', 'client_id', 'sub_type', 'prt_id', 'scope', 'host', 'jti'],
  grant_types_supported: ['client_credentials'],
  response_types_supported: [],
  token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
  id_token_signing_alg_values_supported: [ALGORITHM],
  subject_types_supported: ['public'],
})
