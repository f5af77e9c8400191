// Client secrets: kept as a hash, compared in constant time.
import { base64url } from 'jose'

const utf8 = new TextEncoder()

const digest = async (secret: string) => new Uint8Array(await crypto.subtle.digest('SHA-256', utf8.encode(secret)))

/** The hash of a public client, which has no secret: none has this hash. */
export const NO_SECRET = ''

/** SHA-256, base64url. A fast hash is enough: secrets are long and random, and those of local runs are public. */
export const hashSecret = async (secret: string) => base64url.encode(await digest(secret))

/**
 * Whether `secret` has the given hash. Takes as long without a hash, so that time does not tell which clients exist.
 */
export async function secretMatches(secret: string, hash: string | undefined): Promise<boolean> {
  const given = await digest(secret)
  const expected = hash === undefined ? new Uint8Array(given.length) : base64url.decode(hash)
  return expected.length === given.length && crypto.subtle.timingSafeEqual(given, expected) && hash !== undefined
}
