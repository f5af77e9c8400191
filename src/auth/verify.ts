// From a bearer token to a principal. What verified once is remembered until it expires.
import { base64url, decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose'
import { BoundedMap } from '../http/bounded-map.ts'
import { MemoryOf } from '../http/isolate-memory.ts'
import { ALGORITHM, type KeyRing, keyRing, knownKeyRing, newerKeyRing } from './keys.ts'
import { type Principal, partitionOf, principalOf } from './principal.ts'
import { AUDIENCES } from './scopes.ts'

/** Longer tokens are refused unread. In characters. */
const MAX_TOKEN = 16 * 1024

/** How many verified tokens an isolate remembers; the oldest goes first. */
const MAX_REMEMBERED = 1000

export interface Verified {
  readonly principal: Principal
  readonly issuer: string
  /** Seconds since the epoch. */
  readonly expires: number
  /** Whether it has not expired, and the keys are what they were. By the real time. */
  readonly holds: () => boolean
}

const remembered = new MemoryOf<KeyRing, BoundedMap<string, Verified>>('verifiedTokens')

/** Why a token is not accepted, in the words of the real server's token handler where they are known. */
export class InvalidToken extends Error {
  /** The partition of a token that is genuine, but not now. */
  readonly untimely: string | undefined

  constructor(message: string, untimely?: string) {
    super(message)
    this.untimely = untimely
  }
}

/** Milliseconds since the epoch, as a partition has them. */
export type Clock = (partition: string | undefined) => number

/** A token, the issuer it has to be of, and the clock it is judged by: the real one unless told. */
export interface Given {
  readonly issuer: string
  readonly token: string
  readonly clock: Clock | undefined
}

/** That the key is not one of the tenant's. */
class UnknownKey extends InvalidToken {
  constructor() {
    super('The signature key was not found')
  }
}

/** What {@link verifyToken} found of the same token before, if that still holds. */
export function verifiedBefore(env: Cloudflare.Env, { issuer, token, clock = Date.now }: Given): Verified | undefined {
  const ring = knownKeyRing(env)
  const before = ring && remembered.get(ring)?.get(token)
  if (!before || before.issuer !== issuer) return undefined
  return before.expires > clock(before.principal.partition) / 1000 ? before : undefined
}

/**
 * Verifies signature (RS256 only), issuer, audience, expiry and not-before. There is no clock tolerance. A token
 * expires by the clock of its partition; it is valid already if that or the real time says so.
 *
 * @throws InvalidToken
 */
export async function verifyToken(env: Cloudflare.Env, given: Given): Promise<Verified> {
  const { issuer, token } = given
  if (token.length > MAX_TOKEN) throw new InvalidToken('The token is too long')
  const ring = await keyRing(env)
  const known = rememberedBy(ring)
  const [claims, signer] = await claimsUnder(env, ring, given)
  const { exp: expires = 0 } = claims
  const holds = () => expires > Date.now() / 1000 && knownKeyRing(env) === signer
  const verified = { principal: principalOf(claims), issuer, expires, holds }
  if (signer !== ring) return verified
  known.set(token, verified)
  return verified
}

/** The claims, and the key ring that has the token's key: it may have come in after `ring` was loaded. */
async function claimsUnder(env: Cloudflare.Env, ring: KeyRing, given: Given) {
  try {
    return [await claimsOf(ring, given), ring] as const
  } catch (error) {
    if (!(error instanceof UnknownKey)) throw error
    const newer = await newerKeyRing(env, ring)
    if (newer === ring) throw error
    return [await claimsOf(newer, given), newer] as const
  }
}

async function claimsOf(ring: KeyRing, { issuer, token, clock = Date.now }: Given): Promise<JWTPayload> {
  // The last character of a part has bits to spare: of the spellings that decode alike only one is accepted.
  if (!token.split('.').every(isCanonical)) throw new InvalidToken('The token is malformed')
  const payload = await timely(token, clock, async (currentDate) => {
    const options = { algorithms: [ALGORITHM], issuer, audience: AUDIENCES, requiredClaims: ['exp'], currentDate }
    return (await jwtVerify(token, ring.verificationKey, options)).payload
  })
  if (!Number.isFinite(payload.exp)) throw new InvalidToken('The token never expires')
  return payload
}

/** Judges a token's expiry by the clock of its partition, and the beginning of its time by the later of both clocks. */
async function timely(token: string, clock: Clock, verify: (now: Date) => Promise<JWTPayload>): Promise<JWTPayload> {
  // Of what is read here unverified nothing but the time comes.
  const now = clock(clock === Date.now ? undefined : partitionOf(decoded(token)))
  try {
    return await verify(new Date(now))
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) throw new UnknownKey()
    if (!isTiming(error)) throw new InvalidToken(explain(error))
    // Issuer, audience and signature hold. A clock that was put back does not undo the tokens of before.
    const { nbf = Number.NaN, exp = Number.NaN } = error.payload
    if (error.claim === 'nbf' && nbf * 1000 <= Date.now() && exp * 1000 > now) return error.payload
    throw new InvalidToken(explain(error), partitionOf(error.payload))
  }
}

function decoded(token: string): JWTPayload {
  try {
    return decodeJwt(token)
  } catch {
    throw new InvalidToken('The token is malformed')
  }
}

const isTiming = (error: unknown): error is errors.JWTClaimValidationFailed | errors.JWTExpired =>
  error instanceof errors.JWTExpired ||
  (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf' && error.reason === 'check_failed')

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

const rememberedBy = (ring: KeyRing) =>
  remembered.getOrMake(ring, () => new BoundedMap<string, Verified>({ entries: MAX_REMEMBERED }))
