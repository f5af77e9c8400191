// /connect/token: the tenant as its own token service.
import { Hono } from 'hono'
import { issuerOf } from '../auth/issuer.ts'
import { type AppEnv, openMain } from '../database/session.ts'
import { describe } from '../http/contract.ts'
import { realTime } from '../http/timestamp.ts'
import { TokenRequest, TokenResponse } from './connect.schema.ts'
import { enterTenant } from './enter-tenant.ts'
import { authenticateClient, grantScopes, issueToken } from './issue-token.ts'
import { limitAddress, limitClient } from './limit-rate.ts'
import { answerTokenRefusal, TOKEN_HEADERS, TokenRefusal } from './token-refusal.ts'
import { readTokenRequest } from './token-request.ts'

export const connectRoutes = new Hono<AppEnv>()
  .post(
    '/connect/token',
    describe(
      {
        operationId: 'Token_Issue',
        summary: 'An access token for a client (client_credentials).',
        evidence: 'observed',
        answer: TokenResponse,
        form: TokenRequest,
      },
      async (c) => {
        try {
          await limitAddress(c)
          const request = await readTokenRequest(c)
          await limitClient(c, request.client_id)
          const client = await authenticateClient(c.env, openMain(c), request)
          if (request.grant_type !== 'client_credentials') throw new TokenRefusal('unsupported_grant_type')
          if (c.var.timing) c.var.timing.client = client.id
          const scope = grantScopes(client, request.scope)
          await enterTenant(c, client)
          const { milliseconds: now } = c.var.control?.now() ?? realTime()
          return c.json(await issueToken(c.env, { issuer: issuerOf(c), client, scope, now }), 200, TOKEN_HEADERS)
        } catch (error) {
          return answerTokenRefusal(c, error)
        }
      },
    ),
  )
  // Real server: any other method is a token request that is none (the framework's source).
  .all('/connect/token', (c) => answerTokenRefusal(c, new TokenRefusal('invalid_request')))
