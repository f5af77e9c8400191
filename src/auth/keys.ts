// The tenant's signing keys: loaded or made once per isolate, then remembered.
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  importJWK,
  importPKCS8,
  type JSONWebKeySet,
  type JWK,
} from 'jose'
import { Database } from '../database/database.ts'
import { deadlineOf } from '../database/failure.ts'
import { MemoryOf } from '../http/isolate-memory.ts'
import type { EncryptionEnv } from '../secrets/encryption-keys.ts'
import { seal, unseal } from '../secrets/seal.ts'
import { keepFirstSigningKey, listSigningKeys, type SigningKeyRow } from './signing-key.queries.ts'

/** The one algorithm tokens are signed with and accepted in. */
export const ALGORITHM = 'RS256'

export interface KeyRing {
  readonly signing: { readonly kid: string; readonly key: CryptoKey }
  /** The signing key as `SIGNING_KEY` takes it. */
  readonly secret: string
  /** Public halves of all keys, as published. */
  readonly jwks: JSONWebKeySet
  readonly verificationKey: ReturnType<typeof createLocalJWKSet>
}

/** What of a Worker's bindings keys may need. */
export type KeyBindings = Omit<Cloudflare.Env, `TOKENS_${string}`>

interface Loaded {
  readonly ring: KeyRing
  /** Milliseconds since the epoch. */
  readonly at: number
}

const rings = new MemoryOf<D1Database, Loaded>('signingKeys')

/** How long a key ring is good enough for tokens under keys it does not have. In milliseconds. */
const RELOAD_AFTER = 30_000

/** The keys as this isolate loaded them last. */
export const knownKeyRing = (env: KeyBindings): KeyRing | undefined => rings.get(env.DB)?.ring

/**
 * The keys of this deployment. Only an isolate's first call asks the database.
 * @throws DatabaseFailure while it cannot be asked
 */
export async function keyRing(env: KeyBindings): Promise<KeyRing> {
  const known = knownKeyRing(env)
  if (known) return known
  // Remembered when it is there and not before: a request that loads it may go away, and nobody is to wait for that.
  const opened = await open(env)
  return knownKeyRing(env) ?? remember(env, opened).ring
}

/**
 * The keys as they are now, for a token under a key that `ring` does not have: another isolate may have rotated them.
 * Asks at most once in 30 s, so that made-up names cost nothing; else returns `ring`.
 */
export async function newerKeyRing(env: KeyBindings, ring: KeyRing): Promise<KeyRing> {
  const before = rings.get(env.DB)
  if (env.SIGNING_KEY || !before || Date.now() - before.at < RELOAD_AFTER) return before?.ring ?? ring
  // Noted before it is asked, so that nobody asks beside this.
  remember(env, before.ring)
  try {
    const opened = await open(env)
    return sameKeys(opened, before.ring) ? before.ring : remember(env, opened).ring
  } catch {
    return before.ring
  }
}

const remember = (env: KeyBindings, ring: KeyRing): Loaded => rings.set(env.DB, { ring, at: Date.now() })

const sameKeys = (one: KeyRing, other: KeyRing) =>
  one.signing.kid === other.signing.kid &&
  one.jwks.keys.map(({ kid }) => kid).join() === other.jwks.keys.map(({ kid }) => kid).join()

async function open(env: KeyBindings): Promise<KeyRing> {
  if (env.SIGNING_KEY) return ringOf([await readSecret(env.SIGNING_KEY)])
  const database = new Database(env.DB, { deadline: deadlineOf(env) })
  const kept = await listSigningKeys(database)
  const rows = kept.length > 0 ? kept : await keepFirstSigningKey(database, await createSealedKey(env))
  return ringOf(await Promise.all(rows.map((row) => opened(env, row))))
}

/** The one place a signing key is sealed for. */
export const signingKeyContext = (kid: string) => `signing-key:${kid}`

/** A new signing key as it is kept. */
export async function createSealedKey(env: EncryptionEnv): Promise<SigningKeyRow> {
  const { kid, privateJwk } = await createSigningKey()
  return { kid, privateJwk: await seal(env, signingKeyContext(kid), privateJwk) }
}

const opened = async (env: EncryptionEnv, { kid, privateJwk }: SigningKeyRow): Promise<SigningKeyRow> => ({
  kid,
  privateJwk: await unseal(env, signingKeyContext(kid), privateJwk),
})

/** A new RSA key with its RFC 7638 thumbprint for a name. */
export async function createSigningKey(): Promise<SigningKeyRow> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true })
  return named(await exportJWK(privateKey))
}

async function readSecret(secret: string): Promise<SigningKeyRow> {
  if (secret.trimStart().startsWith('{')) {
    const jwk: JWK = JSON.parse(secret)
    return named(jwk)
  }
  return named(await exportJWK(await importPKCS8(secret, ALGORITHM, { extractable: true })))
}

const named = async (jwk: JWK) => ({
  kid: jwk.kid ?? (await calculateJwkThumbprint(jwk)),
  privateJwk: JSON.stringify(jwk),
})

async function ringOf(rows: readonly SigningKeyRow[]): Promise<KeyRing> {
  const [newest] = rows
  if (!newest) throw new Error('there is no signing key')
  const key = await importJWK(JSON.parse(newest.privateJwk), ALGORITHM)
  if (!(key instanceof CryptoKey)) throw new Error('the signing key is not an RSA key')
  const jwks = { keys: rows.map(publicHalf) }
  return {
    signing: { kid: newest.kid, key },
    secret: newest.privateJwk,
    jwks,
    verificationKey: createLocalJWKSet(jwks),
  }
}

function publicHalf({ kid, privateJwk }: SigningKeyRow): JWK {
  const { n, e }: JWK = JSON.parse(privateJwk)
  if (!n || !e) throw new Error('the signing key is not an RSA key')
  return { kty: 'RSA', use: 'sig', kid, e, n, alg: ALGORITHM }
}
