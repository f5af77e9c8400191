// /connect/token: the tenant as its own token service.
import { Hono } from 'hono'
import type { AppEnv } from '../database/session.ts'
import { describe } from '../http/contract.ts'
import { OAuthError, TokenRequest, TokenResponse } from './connect.schema.ts'
import { answerGrant } from './grant-types.ts'
import { limitAddress, limitClient } from './limit-rate.ts'
import { answerGranted, answerTokenRefusal, TokenRefusal } from './token-refusal.ts'
import { readTokenRequest } from './token-request.ts'

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
          return answerGranted(await answerGrant(c, request))
        } catch (error) {
          return answerTokenRefusal(c, error)
        }
      },
    ),
  )
  // Real server: any other method is a token request that is none (the framework's source).
  .all('/connect/token', (c) => answerTokenRefusal(c, new TokenRefusal('invalid_request')))
