// /connect/deviceauthorization: a code for a device, and one that its user types on another (RFC 8628).
import { type Context, Hono } from 'hono'
import { issuerOf } from '../auth/issuer.ts'
import { refuseUnlessAuthentic, requireClientId, requireGrantType } from '../connect/authenticate-client.ts'
import { type ClientRow, selectClient } from '../connect/client.queries.ts'
import { type ClientForm, readClientForm } from '../connect/client-request.ts'
import { hashSecret } from '../connect/client-secret.ts'
import { DeviceAuthorization, DeviceRequest, OAuthError } from '../connect/connect.schema.ts'
import { DEVICE_CODE } from '../connect/device-code.ts'
import { enterTenant } from '../connect/enter-tenant.ts'
import { listScopes, requireUserScopes } from '../connect/issue-token.ts'
import { answerGranted, answerTokenRefusal } from '../connect/token-refusal.ts'
import { bind } from '../database/bound.ts'
import { type AppEnv, openMain } from '../database/session.ts'
import { POLL_INTERVAL } from '../grants/grant.queries.ts'
import type { GrantDetails } from '../grants/grant-details.ts'
import { newFamily } from '../grants/keep-grant.ts'
import { KEPT_LONGER } from '../grants/redeem.ts'
import { describe } from '../http/contract.ts'
import { createHandle } from '../secrets/handle.ts'
import { insertDeviceCode } from './device-authorization.queries.ts'
import { hashUserCode, newUserCode } from './user-code.ts'

/** Real server: five minutes (its framework's default). In seconds. */
export const LIFETIME = 300

/** How often a code that another device has is drawn again. Real server: as often (its framework's source). */
const DRAWS = 5

export const deviceAuthorizationRoutes = new Hono<AppEnv>().post(
  '/connect/deviceauthorization',
  describe(
    {
      operationId: 'Connect_DeviceAuthorization',
      summary: 'A code for a device without a browser, and one that its user types in at `/device`.',
      evidence: 'framework default',
      answer: DeviceAuthorization,
      form: DeviceRequest,
      answers: { 400: OAuthError, 429: OAuthError },
      refusals: ['tooLarge', 'unsupportedMediaType'],
      proof: 'client',
    },
    async (c) => {
      try {
        return answerGranted(await authorizeDevice(c, await readClientForm(c, ['scope'])))
      } catch (error) {
        return answerTokenRefusal(c, error)
      }
    },
  ),
)

/** One round trip, unless the user's code is another device's already. */
async function authorizeDevice(c: Context<AppEnv>, { credentials, form }: ClientForm): Promise<DeviceAuthorization> {
  const id = requireClientId(credentials)
  const asked = listScopes(form.get('scope'))
  const secretHash = await hashSecret(credentials.client_secret ?? '')
  for (let draw = 0; draw < DRAWS; draw++) {
    const [device, userCode] = [await createHandle(c.env, 'device_code'), newUserCode()]
    const kept = {
      ...(await valuesOf(userCode)),
      hash: device.hash,
      client: id,
      secretHash,
      asked: JSON.stringify(asked),
    }
    const [[row], inserted] = await openMain(c).batch(bind(selectClient, { client: id }), bind(insertDeviceCode, kept))
    const client = await refuseUnlessAuthentic(c.env, credentials, row)
    requireDevice(client, asked)
    await enterTenant(c, client)
    if (inserted.length > 0) return described(issuerOf(c), device.text, userCode)
  }
  throw new Error('no user code is free')
}

/** @throws TokenRefusal where the client may not have it; the database has refused it then as well */
function requireDevice(client: ClientRow, asked: readonly string[]) {
  requireGrantType(client, DEVICE_CODE)
  requireUserScopes(client, asked)
}

async function valuesOf(userCode: string) {
  // Who signs in, and how, is told when the user has answered.
  const details: GrantDetails = { authTime: 0, amr: '' }
  const now = Date.now()
  return {
    userCodeHash: await hashUserCode(userCode),
    grantType: DEVICE_CODE,
    family: newFamily(),
    details: JSON.stringify(details),
    now,
    lifetime: LIFETIME * 1000,
    removeAt: now + LIFETIME * 1000 + KEPT_LONGER,
  }
}

/** Real server: in this order (the framework's source). */
const described = (issuer: string, deviceCode: string, userCode: string): DeviceAuthorization => ({
  device_code: deviceCode,
  user_code: userCode,
  verification_uri: `${issuer}/device`,
  verification_uri_complete: `${issuer}/device?userCode=${userCode}`,
  expires_in: LIFETIME,
  interval: POLL_INTERVAL,
})
