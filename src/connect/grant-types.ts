// The token endpoint's grant types, each with what answers it.
import type { Context } from 'hono'
import { type AppEnv, openMain } from '../database/session.ts'
import { authenticateClient } from './authenticate-client.ts'
import { answerCode } from './authorization-code.ts'
import { answerClient } from './client-grant.ts'
import type { TokenRequest, TokenResponse } from './connect.schema.ts'
import { answerDeviceCode, DEVICE_CODE } from './device-code.ts'
import { answerPassword } from './password.ts'
import { answerRefreshToken } from './refresh-token.ts'
import { TokenRefusal } from './token-refusal.ts'

/** Answers a token request of one grant type. It authenticates the client, as each does so in its own batch. */
export type GrantHandler = (c: Context<AppEnv>, request: TokenRequest) => Promise<TokenResponse>

/** In the order in which discovery names them. */
const HANDLERS: ReadonlyMap<string, GrantHandler> = new Map([
  ['authorization_code', answerCode],
  ['client_credentials', answerClient],
  ['refresh_token', answerRefreshToken],
  ['password', answerPassword],
  [DEVICE_CODE, answerDeviceCode],
])

export const GRANT_TYPES: readonly string[] = [...HANDLERS.keys()]

/** @throws TokenRefusal */
export async function answerGrant(c: Context<AppEnv>, request: TokenRequest): Promise<TokenResponse> {
  const answer = HANDLERS.get(request.grant_type ?? '')
  if (answer) return answer(c, request)
  // Real server: who is not a client is told so, whatever it asks for (the framework's source).
  await authenticateClient(c.env, openMain(c), request)
  throw new TokenRefusal('unsupported_grant_type')
}
