// Derives from a password the hash that is stored and the features that complexity rules compare. The password itself is
// neither stored nor passed on.
import { base64url } from 'jose'
import { foldId } from '../http/identifier.ts'
import { type Pepper, type PepperEnv, pepperOf } from './pepper.ts'
import type { UserKey } from './user.queries.ts'

/**
 * PBKDF2 iterations. Few, because a hash takes 1.6 ms of CPU in workerd where this was measured, a change of password
 * computes two, and the free plan allows 10 ms a request; the accounts are those of tests. The number is stored with each
 * hash. Bound hashes of another number never match: before it is changed, they have to be accepted as former ones are.
 */
const ITERATIONS = 10_000

/** What hashes begin with that are bound to a pepper. Behind it come the pepper's id and the hash, with `$` between. */
const BOUND = `pbkdf2-sha256-hmac$${ITERATIONS}$`

/** What hashes of before there was a pepper begin with. Behind it come the iterations and the hash, with `$` between. */
export const FORMER = 'pbkdf2-sha256$'

/** More are not computed: a document could name any number, and WebCrypto of Workers takes no more. */
const MAX_ITERATIONS = 100_000

const encoder = new TextEncoder()

/**
 * The hash of `password` as it is stored: PBKDF2-SHA256, bound to the pepper of the deployment by HMAC-SHA256. The salt is the
 * digest of the user's id, so that the database can compare with what it keeps and need not be asked for a salt first, and a copy
 * of the tenant has the same hashes.
 *
 * @example
 * const newHash = await hashPassword(c.env, user, password)
 */
export async function hashPassword(env: PepperEnv, user: string, password: string): Promise<string> {
  const [pepper, derived] = await Promise.all([pepperOf(env), derivePassword(user, password)])
  return bindDerived(pepper, derived)
}

/** What a hash binds: nearly all that it costs, and the same in every deployment. */
export const derivePassword = (user: string, password: string) => derive(foldId(user), password)

/** The hash, of what {@link derivePassword} has made of the password. */
export async function bindDerived({ id, key }: Pepper, derived: BufferSource): Promise<string> {
  const bound = await crypto.subtle.sign('HMAC', key, derived)
  return `${BOUND}${id}$${base64url.encode(new Uint8Array(bound))}`
}

/**
 * The hash of `password` as versions without a pepper stored it; it holds in the partition alone that it was made in.
 * @param iterations as the stored hash names them; versions had different ones
 */
export async function formerHash({ partition, user }: UserKey, password: string, iterations: number): Promise<string> {
  const bits = await derive(`${foldId(partition)}\n${foldId(user)}`, password, Math.min(iterations, MAX_ITERATIONS))
  return `${FORMER}${iterations}$${btoa(String.fromCharCode(...new Uint8Array(bits)))}`
}

/** The iterations of a stored hash of before there was a pepper; undefined for any other. */
function formerIterations(stored: string | null): number | undefined {
  const [, iterations] = /^pbkdf2-sha256\$([1-9]\d{0,8})\$/.exec(stored ?? '') ?? []
  return iterations === undefined ? undefined : Number(iterations)
}

/** Whether a hash is bound to the pepper of this deployment: only then can it match a password here, whatever the partition. */
export const isBoundHere = async (env: PepperEnv, hash: string) =>
  hash.startsWith(`${BOUND}${(await pepperOf(env)).id}$`)

/** What a sign-in finds out about a password. */
export interface Verified {
  matches: boolean
  /** The hash to store in place of the one that was read, for `bindPassword`; undefined where it is bound already. */
  rebound?: string
}

/**
 * Compares `password` with the hash that was read of a user, for callers that have to ask the database for the user first. As much
 * is computed for a user that is unknown or has no password, so that the time does not tell which.
 *
 * @param stored the `password_hash` of the user; null if there is none
 * @param key of the user; for an unknown one any id, such as a random one
 * @example
 * const { matches, rebound } = await verifyPassword(c.env, key, password, row?.passwordHash ?? null)
 */
export async function verifyPassword(
  env: PepperEnv,
  key: UserKey,
  password: string,
  stored: string | null,
): Promise<Verified> {
  const iterations = formerIterations(stored)
  const bound = () => hashPassword(env, key.user, password)
  const given = iterations === undefined ? await bound() : await formerHash(key, password, iterations)
  const matches = stored !== null && (await isSame(stored, given))
  return iterations !== undefined && matches ? { matches, rebound: await bound() } : { matches }
}

/** Compares without telling by its time where two texts differ. */
async function isSame(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([digestOf(one), digestOf(other)])
  return crypto.subtle.timingSafeEqual(first, second)
}

const digestOf = (text: string) => crypto.subtle.digest('SHA-256', encoder.encode(text))

async function derive(owner: string, password: string, iterations = ITERATIONS): Promise<ArrayBuffer> {
  const [salt, key] = await Promise.all([
    digestOf(owner),
    crypto.subtle.importKey('raw', encoder.encode(password), 'PBKDF2', false, ['deriveBits']),
  ])
  return crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, key, 256)
}

/**
 * What complexity rules ask about a password, as JSON for the database to compare with the partition's rule.
 * Real server: these expressions stand in the stored rule.
 */
export const featuresOf = (password: string): string =>
  JSON.stringify({
    length: password.length,
    special: /[^a-zA-Z\d]/.test(password),
    digit: /\d/.test(password),
    lower: /[a-z]/.test(password),
    upper: /[A-Z]/.test(password),
  })
