// Reads a token request: form fields, and the client's credentials.
import type { Context } from 'hono'
import { limitBody } from '../http/validate.ts'
import { credentialsOf } from './client-credentials.ts'
import { TokenRequest } from './connect.schema.ts'

/** An OAuth error code (RFC 6749, section 5.2). */
export type TokenError =
  | 'invalid_request'
  | 'invalid_client'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'

/**
 * Thrown for a request that gets no token. Real server: 400 with `{"error": …}`, for a wrong client as well
 * (observed).
 */
export class TokenRefusal extends Error {
  readonly code: TokenError

  constructor(code: TokenError) {
    super(code)
    this.code = code
  }
}

/** @throws TokenRefusal `invalid_request` for anything but a form with single fields */
export async function readTokenRequest(c: Context): Promise<TokenRequest> {
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(c.req.header('Content-Type') ?? '')) {
    throw new TokenRefusal('invalid_request')
  }
  await limitBody(c)
  const form = new URLSearchParams(new TextDecoder().decode(await c.req.arrayBuffer()))
  for (const name of Object.keys(TokenRequest.shape)) {
    if (form.getAll(name).filter((value) => value.trim() !== '').length > 1) throw new TokenRefusal('invalid_request')
  }
  // Real server: a blank field is as good as none (the framework's source).
  const fields = [...form].filter(([, value]) => value.trim() !== '')
  const request = TokenRequest.parse(Object.fromEntries(fields))
  return { ...request, ...credentialsOf(c.req.header('Authorization'), request) }
}
