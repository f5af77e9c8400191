// Checks a bearer token's signature and claims. Nothing is remembered of it here.
import { base64url, compactVerify, decodeJwt, type JWTPayload, jwtVerify } from 'jose'
// Not the namespace `errors` of 'jose': that has every class of error, and a bundle keeps all of them.
import {
  JOSEError,
  JWKSNoMatchingKey,
  JWSSignatureVerificationFailed,
  JWTClaimValidationFailed,
  JWTExpired,
} from 'jose/errors'
import { isIssuer } from './issuer.ts'
import { ALGORITHM, type KeyRing, keyRing, newerKeyRing } from './keys.ts'
import { partitionOf } from './principal.ts'
import { AUDIENCES } from './scopes.ts'

/** Longer tokens are refused unread, before the keys are asked for. In characters. */
const MAX_TOKEN = 16 * 1024

const EXPIRED = 'The token expired'

/** A token that is not accepted. The message is the real server's where that is known; the caller reads it. */
export class InvalidToken extends Error {
  /** The partition whose clock decided, where the token is genuine but expired or not valid yet. */
  readonly untimely: string | undefined
  /** Whether its time is over, and nothing else is wrong with it. */
  readonly hasExpired: boolean

  constructor(message: string, untimely?: string) {
    super(message)
    this.untimely = untimely
    this.hasExpired = message === EXPIRED
  }
}

/** @throws InvalidToken for a token that is too long */
export function refuseLong({ token }: Pick<PresentedToken, 'token'>) {
  if (token.length > MAX_TOKEN) throw new InvalidToken('The token is too long')
}

/** The time that a partition has, which tests can set. Milliseconds since the epoch. */
export type Clock = (partition: string | undefined) => number

/** A token as a request presents it. */
export interface PresentedToken {
  /** The issuer that it has to name, by any of its names (`isIssuer`). */
  readonly issuer: string
  readonly token: string
  /** The clock it expires by; the real one where there is no control plane. */
  readonly clock: Clock | undefined
}

/** The token names a key that is not in the key ring. A newer ring may have it. */
class UnknownKey extends InvalidToken {
  constructor() {
    super('The signature key was not found')
  }
}

/**
 * The claims of a token that holds. Nothing is remembered of it.
 * @throws InvalidToken
 */
export async function verifiedClaims(env: Cloudflare.Env, presented: PresentedToken): Promise<JWTPayload> {
  refuseLong(presented)
  const [claims] = await claimsUnder(env, await keyRing(env), presented)
  return claims
}

/**
 * The claims of a token of that type (`typ`) under one of this deployment's keys and for `issuer`, whether or not it has
 * expired; undefined for any other.
 */
export async function signedClaims(
  env: Cloudflare.Env,
  { token, issuer, typ }: { token: string; issuer: string; typ: string },
): Promise<JWTPayload | undefined> {
  if (token.length > MAX_TOKEN) return undefined
  try {
    const { verificationKey } = await keyRing(env)
    const { payload, protectedHeader } = await compactVerify(token, verificationKey, { algorithms: [ALGORITHM] })
    const claims: JWTPayload = JSON.parse(new TextDecoder().decode(payload))
    return protectedHeader.typ === typ && isIssuer(env, issuer, claims.iss) ? claims : undefined
  } catch (error) {
    if (error instanceof JOSEError || error instanceof SyntaxError) return undefined
    throw error
  }
}

/**
 * The claims, and the key ring that has the token's key: a newer one than `ring`, if another isolate rotated the keys. Signature (RS256
 * only), issuer, audience, expiry and not-before hold. There is no clock tolerance. A token expires by the clock of its partition; it
 * is valid from `nbf` on by that clock or by the real time.
 * @throws InvalidToken
 */
export async function claimsUnder(env: Cloudflare.Env, ring: KeyRing, presented: PresentedToken) {
  try {
    return [await claimsOf(env, ring, presented), ring] as const
  } catch (error) {
    if (!(error instanceof UnknownKey)) throw error
    const newer = await newerKeyRing(env, ring)
    if (newer === ring) throw error
    return [await claimsOf(env, newer, presented), newer] as const
  }
}

async function claimsOf(env: Cloudflare.Env, ring: KeyRing, presented: PresentedToken): Promise<JWTPayload> {
  const { token, clock = Date.now } = presented
  // In base64url the last character has unused bits, so that several texts decode to the same token. Only the canonical
  // one is accepted, so that equal tokens are equal texts.
  if (!token.split('.').every(isCanonical)) throw new InvalidToken('The token is malformed')
  const { iss: claimed } = decoded(token)
  const issuer = isIssuer(env, presented.issuer, claimed) ? claimed : presented.issuer
  const payload = await verifyInTime(presented, clock, async (currentDate) => {
    const options = { algorithms: [ALGORITHM], issuer, audience: AUDIENCES, requiredClaims: ['exp'], currentDate }
    return (await jwtVerify(token, ring.verificationKey, options)).payload
  })
  if (!Number.isFinite(payload.exp)) throw new InvalidToken('The token never expires')
  return payload
}

/**
 * Calls `verify` with the time by the clock of the token's partition. A token that is not valid yet by that clock is accepted
 * all the same if it is by the real time.
 */
async function verifyInTime(
  { token, issuer }: PresentedToken,
  clock: Clock,
  verify: (now: Date) => Promise<JWTPayload>,
): Promise<JWTPayload> {
  // Which partition's clock counts stands in the token, which is not verified yet. A forged one could pick a clock, but
  // its signature fails all the same.
  const now = clock(clock === Date.now ? undefined : partitionOf(decoded(token)))
  try {
    return await verify(new Date(now))
  } catch (error) {
    if (error instanceof JWKSNoMatchingKey) throw new UnknownKey()
    if (!isTiming(error)) throw new InvalidToken(explain(error, issuer))
    // Issuer, audience and signature hold. If a test has put the clock back, tokens from before are still valid.
    const { nbf = Number.NaN, exp = Number.NaN } = error.payload
    if (error.claim === 'nbf' && nbf * 1000 <= Date.now() && exp * 1000 > now) return error.payload
    throw new InvalidToken(explain(error, issuer), partitionOf(error.payload))
  }
}

function decoded(token: string): JWTPayload {
  try {
    return decodeJwt(token)
  } catch {
    throw new InvalidToken('The token is malformed')
  }
}

const isTiming = (error: unknown): error is JWTClaimValidationFailed | JWTExpired =>
  error instanceof JWTExpired ||
  (error instanceof JWTClaimValidationFailed && error.claim === 'nbf' && error.reason === 'check_failed')

function isCanonical(part: string): boolean {
  try {
    return base64url.encode(base64url.decode(part)) === part
  } catch {
    return false
  }
}

function explain(error: unknown, issuer: string): string {
  if (error instanceof JWTExpired) return EXPIRED
  if (error instanceof JWTClaimValidationFailed) {
    // Real server: "The audience 'UiPath.Orchestrator' is invalid" (seen on a sibling service).
    if (error.claim === 'aud') return `The audience${quoted(error.payload.aud)} is invalid`
    // Not of the real server: what was expected. A client's and the server's idea of the origin are easily two.
    if (error.claim === 'iss') return `The issuer${quoted(error.payload.iss)} is invalid: '${issuer}' is expected`
    if (error.claim === 'nbf') return 'The token is not valid yet'
  }
  if (error instanceof JWSSignatureVerificationFailed) return 'The signature is invalid'
  return 'The token is malformed'
}

/** What is quoted of a claim, so that the sentence around it is not cut off. In characters. */
const MAX_QUOTED = 80

// A claim can be any JSON. Only a text is quoted in the refusal, of a list the first.
function quoted(claim: unknown): string {
  const [text] = [claim].flat()
  return typeof text === 'string' ? ` '${text.slice(0, MAX_QUOTED)}'` : ''
}
