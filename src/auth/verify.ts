// From a bearer token to a principal. What verified once is remembered until it expires.
import { base64url, errors, type JWTPayload, jwtVerify } from 'jose'
import { ALGORITHM, type KeyRing, keyRing, newerKeyRing } from './keys.ts'
import { type Principal, principalOf } from './principal.ts'
import { AUDIENCES } from './scopes.ts'

/** Longer tokens are refused unread. In characters. */
const MAX_TOKEN = 16 * 1024

/** How many verified tokens an isolate remembers; the oldest goes first. */
const MAX_REMEMBERED = 1000

interface Verified {
  principal: Principal
  issuer: string
  /** Seconds since the epoch. */
  expires: number
}

const remembered = new WeakMap<KeyRing, Map<string, Verified>>()

/** Why a token is not accepted, in the words of the real server's token handler where they are known. */
export class InvalidToken extends Error {}

/** That the key is not one of the tenant's. */
class UnknownKey extends InvalidToken {
  constructor() {
    super('The signature key was not found')
  }
}

/**
 * Verifies signature (RS256 only), issuer, audience, expiry and not-before. There is no clock tolerance.
 *
 * @throws InvalidToken
 */
export async function verifyToken(env: Cloudflare.Env, issuer: string, token: string): Promise<Principal> {
  if (token.length > MAX_TOKEN) throw new InvalidToken('The token is too long')
  const ring = await keyRing(env)
  const known = rememberedBy(ring)
  const before = known.get(token)
  if (before && before.issuer === issuer && before.expires > Date.now() / 1000) return before.principal
  const [claims, signer] = await claimsUnder(env, ring, issuer, token)
  const principal = principalOf(claims)
  if (signer !== ring) return principal
  if (known.size >= MAX_REMEMBERED) forgetOldest(known)
  known.set(token, { principal, issuer, expires: claims.exp ?? 0 })
  return principal
}

/** The claims, and the key ring that has the token's key: it may have come in after `ring` was loaded. */
async function claimsUnder(env: Cloudflare.Env, ring: KeyRing, issuer: string, token: string) {
  try {
    return [await claimsOf(ring, issuer, token), ring] as const
  } catch (error) {
    if (!(error instanceof UnknownKey)) throw error
    const newer = await newerKeyRing(env, ring)
    if (newer === ring) throw error
    return [await claimsOf(newer, issuer, token), newer] as const
  }
}

async function claimsOf(ring: KeyRing, issuer: string, token: string): Promise<JWTPayload> {
  // The last character of a part has bits to spare: of the spellings that decode alike only one is accepted.
  if (!token.split('.').every(isCanonical)) throw new InvalidToken('The token is malformed')
  try {
    const options = { algorithms: [ALGORITHM], issuer, audience: AUDIENCES, requiredClaims: ['exp'] }
    const { payload } = await jwtVerify(token, ring.verificationKey, options)
    if (!Number.isFinite(payload.exp)) throw new InvalidToken('The token never expires')
    return payload
  } catch (error) {
    if (error instanceof InvalidToken) throw error
    throw error instanceof errors.JWKSNoMatchingKey ? new UnknownKey() : new InvalidToken(explain(error))
  }
}

function isCanonical(part: string): boolean {
  try {
    return base64url.encode(base64url.decode(part)) === part
  } catch {
    return false
  }
}

function explain(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'The token expired'
  if (error instanceof errors.JWTClaimValidationFailed) {
    // Real server: "The audience 'UiPath.Orchestrator' is invalid" (seen on a sibling service).
    if (error.claim === 'aud') return `The audience${quoted(error.payload.aud)} is invalid`
    if (error.claim === 'iss') return `The issuer${quoted(error.payload.iss)} is invalid`
    if (error.claim === 'nbf') return 'The token is not valid yet'
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'The signature is invalid'
  return 'The token is malformed'
}

// A claim can be any JSON; only a text, or the first of several, is repeated.
function quoted(claim: unknown): string {
  const [text] = [claim].flat()
  return typeof text === 'string' ? ` '${text}'` : ''
}

function rememberedBy(ring: KeyRing): Map<string, Verified> {
  const known = remembered.get(ring) ?? new Map<string, Verified>()
  remembered.set(ring, known)
  return known
}

function forgetOldest(known: Map<string, Verified>) {
  const oldest = known.keys().next()
  if (!oldest.done) known.delete(oldest.value)
}
