// Reads a token request: form fields, and the client's credentials.
import type { Context } from 'hono'
import { limitBody } from '../http/body-limit.ts'
import { bodyText, NotText } from '../http/body-text.ts'
import { credentialsOf } from './client-credentials.ts'
import { TokenRequest } from './connect.schema.ts'

/** An OAuth error code (RFC 6749, section 5.2). */
export type TokenError =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  // RFC 8628, section 3.5.
  | 'authorization_pending'
  | 'slow_down'
  | 'expired_token'
  | 'access_denied'

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

/** @throws TokenRefusal `invalid_request` for anything but a form with single fields */
export async function readTokenRequest(c: Context): Promise<TokenRequest> {
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(c.req.header('Content-Type') ?? '')) {
    throw new TokenRefusal('invalid_request')
  }
  await limitBody(c)
  const request = TokenRequest.parse(Object.fromEntries(readForm(await formText(c))))
  return { ...request, ...credentialsOf(c.req.header('Authorization'), request) }
}

async function formText(c: Context): Promise<string> {
  try {
    return await bodyText(c)
  } catch (error) {
    throw error instanceof NotText ? new TokenRefusal('invalid_request') : error
  }
}

const NAMES = new Map(Object.keys(TokenRequest.shape).map((name) => [name.toLowerCase(), name]))

/** The fields that are known and not blank, which is as good as none. Real server: their names are matched in any case (its engine's source). */
function readForm(text: string): Map<string, string> {
  const form = new URLSearchParams(text)
  // Escaped bytes that are no UTF-8 become replacement characters that were not sent as such.
  if (replacementsIn([...form].flat().join()) > replacementsIn(text)) throw new TokenRefusal('invalid_request')
  const fields = new Map<string, string>()
  for (const [given, value] of form) {
    const name = NAMES.get(given.toLowerCase())
    if (name === undefined || value.trim() === '') continue
    if (fields.has(name)) throw new TokenRefusal('invalid_request')
    fields.set(name, value)
  }
  return fields
}

const replacementsIn = (form: string) => form.match(/%EF%BF%BD|\ufffd/gi)?.length ?? 0
