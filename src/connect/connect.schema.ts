// The token service on the wire.
import * as z from 'zod/mini'

// Real server: empty fields are sent by its own command line and count as absent (observed).
const field = z.pipe(
  z.optional(z.string()),
  z.transform((text) => text || undefined),
)

export const TokenRequest = z.object({
  grant_type: field,
  client_id: field,
  client_secret: field,
  scope: field,
  code: field,
  redirect_uri: field,
  code_verifier: field,
  refresh_token: field,
  username: field,
  password: field,
  device_code: field,
})
export type TokenRequest = z.infer<typeof TokenRequest>

export const TokenResponse = z.object({
  /** Where a user granted `openid`. */
  id_token: z.optional(z.string()),
  access_token: z.string(),
  expires_in: z.int(),
  token_type: z.literal('Bearer'),
  /** Where a user granted `offline_access`. */
  refresh_token: z.optional(z.string()),
  scope: z.string(),
})
export type TokenResponse = z.infer<typeof TokenResponse>

/** RFC 6749, section 5.2. */
export const OAuthError = z.object({ error: z.string(), error_description: z.optional(z.string()) })

export const Discovery = z.looseObject({
  issuer: z.string(),
  jwks_uri: z.string(),
  token_endpoint: z.string(),
})

export const Jwks = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })) })
