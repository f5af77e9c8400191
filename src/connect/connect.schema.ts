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
  /** Of the grant type password: whose user it is, `tenant:` and its id, for a client of all organizations. */
  acr_values: field,
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

/** A token that a client asks about, or has done with. */
export const TokenQuery = z.object({
  token: field,
  /** `access_token` or `refresh_token`. */
  token_type_hint: field,
  client_id: field,
  client_secret: field,
})

/** A device that asks for a code. */
export const DeviceRequest = z.object({ client_id: field, client_secret: field, scope: field })

export const DeviceAuthorization = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri: z.string(),
  verification_uri_complete: z.string(),
  expires_in: z.int(),
  interval: z.int(),
})
export type DeviceAuthorization = z.infer<typeof DeviceAuthorization>

/** The claims of a token that holds, and `active`; for any other `active` alone. */
export const Introspection = z.looseObject({ active: z.boolean(), scope: z.optional(z.string()) })

/** Of a user: what it does not have is left out. */
export const UserInfo = z.object({
  sub: z.string(),
  prt_id: z.string(),
  name: z.string(),
  preferred_username: z.string(),
  email: z.optional(z.string()),
  email_verified: z.optional(z.boolean()),
  first_name: z.optional(z.string()),
  last_name: z.optional(z.string()),
})
/** RFC 6749, section 5.2. */
export const OAuthError = z.object({ error: z.string(), error_description: z.optional(z.string()) })

export const Discovery = z.looseObject({
  issuer: z.string(),
  jwks_uri: z.string(),
  token_endpoint: z.string(),
})

export const Jwks = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })) })
