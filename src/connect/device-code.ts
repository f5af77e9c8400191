// The grant type of devices (RFC 8628): a device asks again and again until its user has answered on another one.
import type { Context } from 'hono'
import { issuerOf } from '../auth/issuer.ts'
import { type AppEnv, openMain } from '../database/session.ts'
import { redeem } from '../grants/redeem.ts'
import { authenticateClient, requireGrantType } from './authenticate-client.ts'
import type { TokenRequest } from './connect.schema.ts'
import { TokenRefusal } from './token-refusal.ts'
import { issueUserTokens } from './user-tokens.ts'

export const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'

export async function answerDeviceCode(c: Context<AppEnv>, request: TokenRequest) {
  const { device_code: handle } = request
  if (handle === undefined) {
    requireGrantType(await authenticateClient(c.env, openMain(c), request), DEVICE_CODE)
    throw new TokenRefusal('invalid_request')
  }
  const { details, ...rest } = await redeem(c, 'device_code', { handle, request, allowed: DEVICE_CODE })
  return issueUserTokens(c.env, { ...rest, ...details, issuer: issuerOf(c) })
}
