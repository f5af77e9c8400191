// /.well-known: what clients find the token service and its keys by.
import { type Context, Hono } from 'hono'
import { issuerOf } from '../auth/issuer.ts'
import { ALGORITHM, keyRing } from '../auth/keys.ts'
import { GRANTABLE_SCOPES, IDENTITY_SCOPES, OFFLINE_ACCESS, SERVICE_SCOPES } from '../auth/scopes.ts'
import type { AppEnv } from '../database/session.ts'
import { describe } from '../http/contract.ts'
import { JSON_UTF8 } from '../http/refusal.ts'
import { PROMPTS, RESPONSE_MODES } from '../sign-in/authorize-checks.ts'
import { Discovery, Jwks } from './connect.schema.ts'
import { GRANT_TYPES } from './grant-types.ts'

const DISCOVERY = '/.well-known/openid-configuration'

export const discoveryRoutes = new Hono<AppEnv>()
  .get(
    DISCOVERY,
    describe(
      {
        operationId: 'Discovery_Get',
        summary: 'The OpenID provider metadata.',
        evidence: 'observed',
        answer: Discovery,
      },
      (c) => published(c, discovery(issuerOf(c), Boolean(c.env.CONTROL_TOKEN))),
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
      async (c) => published(c, (await keyRing(c.env)).jwks),
    ),
  )

const { 'Cache-Control': _, ...PUBLISHED } = JSON_UTF8

/** Real server: says nothing of caches here, and each client keeps the documents as long as it likes (its engine's source). */
const published = (c: Context<AppEnv>, body: object) => c.json(body, 200, PUBLISHED)

/** Those of access tokens and id_tokens, and of userinfo. */
const CLAIMS = [
  ...['iss', 'aud', 'exp', 'nbf', 'iat', 'client_id', 'sub', 'sub_type', 'prt_id', 'scope', 'host', 'jti'],
  ...['amr', 'auth_time', 'idp', 'sid', 'nonce', 'at_hash', 'ext_idp_disp_name'],
  ...['preferred_username', 'name', 'first_name', 'last_name', 'email', 'email_verified'],
]

const SECRET_METHODS = ['client_secret_basic', 'client_secret_post']

/**
 * Only what is served: a client calls whatever endpoint it discovers.
 * Real server: in this order (its engine's source).
 */
const discovery = (issuer: string, hasControl: boolean) => ({
  issuer,
  jwks_uri: `${issuer}${DISCOVERY}/jwks`,
  authorization_endpoint: `${issuer}/connect/authorize`,
  token_endpoint: `${issuer}/connect/token`,
  userinfo_endpoint: `${issuer}/connect/userinfo`,
  end_session_endpoint: `${issuer}/connect/endsession`,
  revocation_endpoint: `${issuer}/connect/revocation`,
  introspection_endpoint: `${issuer}/connect/introspect`,
  device_authorization_endpoint: `${issuer}/connect/deviceauthorization`,
  scopes_supported: [...IDENTITY_SCOPES, ...GRANTABLE_SCOPES, ...SERVICE_SCOPES, OFFLINE_ACCESS],
  claims_supported: hasControl ? [...CLAIMS, 'prefer'] : CLAIMS,
  grant_types_supported: GRANT_TYPES,
  response_types_supported: ['code'],
  response_modes_supported: RESPONSE_MODES,
  token_endpoint_auth_methods_supported: SECRET_METHODS,
  revocation_endpoint_auth_methods_supported: SECRET_METHODS,
  introspection_endpoint_auth_methods_supported: SECRET_METHODS,
  id_token_signing_alg_values_supported: [ALGORITHM],
  introspection_signing_alg_values_supported: [ALGORITHM],
  subject_types_supported: ['public'],
  code_challenge_methods_supported: ['S256'],
  prompt_values_supported: PROMPTS,
  authorization_response_iss_parameter_supported: true,
})
