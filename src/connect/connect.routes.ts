// /connect/token: the tenant as its own token service.
import { type Context, Hono } from 'hono'
import { issuerOf } from '../auth/issuer.ts'
import { databaseOf, MAIN } from '../database/placement.ts'
import { type AppEnv, openMain } from '../database/session.ts'
import { describe } from '../http/contract.ts'
import { JSON_UTF8 } from '../http/refusal.ts'
import { realTime } from '../http/timestamp.ts'
import type { ClientRow } from './client.queries.ts'
import { TokenRequest, TokenResponse } from './connect.schema.ts'
import { authenticateClient, grantScopes, issueToken } from './issue-token.ts'
import { limitAddress, limitClient, RATE_PERIOD, TooManyRequests } from './limit-rate.ts'
import { readTokenRequest, TokenRefusal } from './token-request.ts'

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

/** Real server: caches of HTTP/1.0 are told as well (the framework's source). */
const TOKEN_HEADERS = { ...JSON_UTF8, Pragma: 'no-cache' }

/** Applies to this request what the control plane armed for the client's partition: its faults and its clock. */
async function enterTenant(c: Context<AppEnv>, { id, partitionId, mayPrefer, revision }: ClientRow) {
  const caller = { clientId: id, userId: undefined, mayPrefer: Boolean(mayPrefer) }
  // The client's row has the revision of the main database; for a partition of another database it has to be asked there.
  const known = databaseOf(c.env, partitionId).name === MAIN ? revision : undefined
  await c.var.control?.enter(partitionId, caller, known)
}

function answerTokenRefusal(c: Context<AppEnv>, error: unknown): Response {
  if (error instanceof TokenRefusal) return c.json({ error: error.code }, 400, TOKEN_HEADERS)
  if (!(error instanceof TooManyRequests)) throw error
  // Assumed: the code. RFC 6749 has it for an overload; none is defined for a limit.
  const body = { error: 'temporarily_unavailable', error_description: 'Too many token requests.' }
  return c.json(body, 429, { ...JSON_UTF8, 'Retry-After': String(RATE_PERIOD) })
}
