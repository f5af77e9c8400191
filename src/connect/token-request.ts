// Reads a token request: form fields, and the client's credentials.
import type { Context } from 'hono'
import { credentialsOf } from './client-credentials.ts'
import { TokenRequest } from './connect.schema.ts'
import { isForm, MalformedForm, readForm } from './form.ts'
import { TokenRefusal } from './token-refusal.ts'

/** @throws TokenRefusal `invalid_request` for anything but a form with single fields */
export async function readTokenRequest(c: Context): Promise<TokenRequest> {
  if (!isForm(c)) throw new TokenRefusal('invalid_request')
  const request = TokenRequest.parse(Object.fromEntries(await formOf(c)))
  return { ...request, ...credentialsOf(c.req.header('Authorization'), request) }
}

async function formOf(c: Context) {
  try {
    return await readForm(c, Object.keys(TokenRequest.shape))
  } catch (error) {
    throw error instanceof MalformedForm ? new TokenRefusal('invalid_request') : error
  }
}
