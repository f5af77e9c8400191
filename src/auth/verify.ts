// Verifies bearer tokens and tells whom they speak for. A token that verified is remembered until it expires, so that
// its signature is checked once and not with every request.
import type { JWTPayload } from 'jose'
import { BoundedMap } from '../http/bounded-map.ts'
import { MemoryOf } from '../http/isolate-memory.ts'
import { isIssuer } from './issuer.ts'
import { freshKeyRing, type KeyRing, keyRing, knownKeyRing } from './keys.ts'
import { type Principal, partitionOf, principalOf } from './principal.ts'
import { claimsUnder, type PresentedToken, refuseLong } from './token-claims.ts'

/** The tokens that are remembered for a set of signing keys; beyond this the oldest are evicted. */
const MAX_REMEMBERED = 1000

/** The tokens signed here whose claims are remembered for a set of signing keys, until they are presented for the first time. */
const MAX_ISSUED = 200

export interface Verified {
  readonly principal: Principal
  /** As the token names it. */
  readonly issuer: string
  /** Seconds since the epoch. */
  readonly expires: number
  /** Whether it still counts: it has not expired by the real time, and the signing keys are the same. */
  readonly holds: () => boolean
}

const verifiedTokens = new MemoryOf<KeyRing, BoundedMap<string, Verified>>('verifiedTokens')
const issuedTokens = new MemoryOf<KeyRing, BoundedMap<string, JWTPayload>>('issuedTokens')

/** The result of {@link verifyToken} for the same token before, unless it has expired or the keys have changed. */
export function verifiedBefore(
  env: Cloudflare.Env,
  { issuer, token, clock = Date.now }: PresentedToken,
): Verified | undefined {
  const ring = freshKeyRing(env)
  const before = ring && verifiedTokens.get(ring)?.get(token)
  if (!before || !isIssuer(env, issuer, before.issuer)) return undefined
  return before.expires > clock(before.principal.partition) / 1000 ? before : undefined
}

/**
 * Tells whom a token speaks for that holds (`claimsUnder`), and remembers it.
 * @throws InvalidToken
 */
export async function verifyToken(env: Cloudflare.Env, presented: PresentedToken): Promise<Verified> {
  refuseLong(presented)
  const { token } = presented
  const ring = await keyRing(env)
  const issued = issuedUnder(ring).get(token)
  const known = issued && isInTime(presented, issued) && isIssuer(env, presented.issuer, issued.iss)
  const [claims, signer] = known ? [issued, ring] : await claimsUnder(env, ring, presented)
  const { exp: expires = 0, iss: issuer = '' } = claims
  const holds = () => expires > Date.now() / 1000 && knownKeyRing(env) === signer
  const verified = { principal: principalOf(claims), issuer, expires, holds }
  if (signer === ring) tokensUnder(ring).set(token, verified)
  if (known) issuedUnder(ring).delete(token)
  return verified
}

/**
 * Remembers an access token that was signed here, with an audience of `AUDIENCES`: who presents it to this isolate is
 * spared the check of its signature, which takes longer than all else of most requests.
 */
export const rememberIssued = (ring: KeyRing, token: string, claims: JWTPayload) => issuedUnder(ring).set(token, claims)

// A token that only a partition's clock has made valid is left to `verifyInTime`.
const isInTime = ({ clock = Date.now }: PresentedToken, claims: JWTPayload) =>
  claims.nbf !== undefined &&
  claims.nbf <= Date.now() / 1000 &&
  claims.exp !== undefined &&
  claims.exp > clock(partitionOf(claims)) / 1000

const tokensUnder = (ring: KeyRing) =>
  verifiedTokens.getOrMake(ring, () => new BoundedMap<string, Verified>({ entries: MAX_REMEMBERED }))

const issuedUnder = (ring: KeyRing) =>
  issuedTokens.getOrMake(ring, () => new BoundedMap<string, JWTPayload>({ entries: MAX_ISSUED }))
