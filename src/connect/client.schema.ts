// What clients may be registered with.
import * as z from 'zod/mini'

/** The grant types that a client is registered with. Refresh tokens follow from the scope `offline_access`. */
export const CLIENT_GRANT_TYPES = [
  'authorization_code',
  'client_credentials',
  'password',
  'urn:ietf:params:oauth:grant-type:device_code',
] as const

/** The longest address that an authorization request may name. */
export const MAX_REDIRECT_URI = 400

// Addresses that a browser would run or show as a document of its own making.
const UNSAFE = /^(?:javascript|data|vbscript|blob|file|about):/i

/** An absolute address without a fragment. */
export const RedirectUri = z.string().check(
  z.maxLength(MAX_REDIRECT_URI),
  z.refine((text) => URL.canParse(text) && !text.includes('#') && !UNSAFE.test(text), {
    error: 'A redirect address is absolute and has no fragment, such as http://localhost:3000/callback.',
  }),
)
