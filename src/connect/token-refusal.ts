// Why there is no token, and how that is answered.
import type { Context } from 'hono'
import { JSON_UTF8, Refusal } from '../http/refusal.ts'
import { MalformedForm } from './form.ts'
import { RATE_PERIOD, TooManyRequests } from './limit-rate.ts'

/** An OAuth error code (RFC 6749, section 5.2; RFC 7009, section 2.2.1). */
export type TokenError =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_token_type'
  | 'invalid_scope'
  // RFC 8628, section 3.5.
  | 'authorization_pending'
  | 'slow_down'
  | 'expired_token'
  | 'access_denied'
  // Of introspection alone. Real server: this code (its engine's source).
  | 'missing_token'
  // The tenant holds as many rows as it may.
  | 'temporarily_unavailable'

/**
 * Thrown for a request that gets no token. Real server: 400 with `{"error": …}`, for a wrong client as well
 * (observed).
 */
export class TokenRefusal extends Error {
  readonly code: TokenError
  readonly description: string | undefined

  constructor(code: TokenError, description?: string) {
    super(code)
    this.code = code
    this.description = description
  }
}

/** Real server: caches of HTTP/1.0 are told as well (the framework's source). */
export const TOKEN_HEADERS = { ...JSON_UTF8, Pragma: 'no-cache' }

// Made once: the platform copies a Headers in a third of the time that it takes to read an object.
const GRANTED = new Headers(TOKEN_HEADERS)

/** 200 with `body` as the token service answers. */
export const answerGranted = (body: object): Response => new Response(JSON.stringify(body), { headers: GRANTED })

/** What a refusal of the database's guards is to a token request: a client there expects an OAuth error. Assumed: the codes. */
function refusalFor({ reason }: Refusal): TokenRefusal | undefined {
  // The time of the tenant is over: nobody can sign in to it.
  if (reason.is === 'notFound') return new TokenRefusal('invalid_grant')
  return reason.is === 'forbidden' ? new TokenRefusal('temporarily_unavailable', reason.message) : undefined
}

export function answerTokenRefusal(c: Context, error: unknown): Response {
  if (error instanceof TokenRefusal) {
    return c.json({ error: error.code, error_description: error.description }, 400, TOKEN_HEADERS)
  }
  if (error instanceof MalformedForm) return answerTokenRefusal(c, new TokenRefusal('invalid_request'))
  const refused = error instanceof Refusal ? refusalFor(error) : undefined
  if (refused) return answerTokenRefusal(c, refused)
  if (!(error instanceof TooManyRequests)) throw error
  // Assumed: the code. RFC 6749 has it for an overload; none is defined for a limit.
  const body = { error: 'temporarily_unavailable', error_description: 'Too many token requests.' }
  return c.json(body, 429, { ...JSON_UTF8, 'Retry-After': String(RATE_PERIOD) })
}
