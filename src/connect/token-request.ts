// Reads a token request: form fields, and client credentials from the form or from HTTP Basic.
import type { Context } from 'hono'
import { limitBody } from '../http/validate.ts'
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
    if (form.getAll(name).filter(Boolean).length > 1) throw new TokenRefusal('invalid_request')
  }
  const fields = [...form].filter(([, value]) => value !== '')
  return { ...TokenRequest.parse(Object.fromEntries(fields)), ...basicCredentials(c) }
}

function basicCredentials(c: Context) {
  const encoded = /^basic +([^ ]+) *$/i.exec(c.req.header('Authorization') ?? '')?.[1]
  if (!encoded) return {}
  try {
    const [, id, secret] = /^([^:]*):(.*)$/s.exec(decodeBase64(encoded)) ?? []
    if (id === undefined || secret === undefined) throw new TokenRefusal('invalid_client')
    return { client_id: decodeForm(id), client_secret: decodeForm(secret) }
  } catch {
    throw new TokenRefusal('invalid_client')
  }
}

const decodeBase64 = (text: string) =>
  new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
    Uint8Array.from(atob(text), (char) => char.charCodeAt(0)),
  )

// RFC 6749, section 2.3.1: both halves are form-encoded before they are joined.
const decodeForm = (text: string) => decodeURIComponent(text.replace(/\+/g, ' '))
