// The signing keys of the deployment. An isolate loads them once and remembers them; if there are none yet, it makes one.
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

/** The bindings that the keys may depend on: all but the rate limiters. */
export type KeyBindings = Omit<Cloudflare.Env, `TOKENS_${string}` | 'ASSETS'>

interface Loaded {
  readonly ring: KeyRing
  /** Milliseconds since the epoch. */
  readonly at: number
}

const rings = new MemoryOf<D1Database, Loaded>('signingKeys')

/** The shortest time between two loads because of tokens under unknown keys. In milliseconds. */
const RELOAD_AFTER = 30_000

/** How long an isolate goes by its keys, so that it learns of one that was retired. In milliseconds. */
const MAX_AGE = 5 * 60_000

// The keys of a local run change in its only isolate, and SIGNING_KEY with the deployment.
const isFresh = ({ SIGNING_KEY, EMBEDDED }: KeyBindings, { at }: Loaded) =>
  Boolean(SIGNING_KEY || EMBEDDED) || Date.now() - at < MAX_AGE

/** The keys as this isolate loaded them last; undefined if it never did. */
export const knownKeyRing = (env: KeyBindings): KeyRing | undefined => rings.get(env.DB)?.ring

/** The keys as {@link keyRing} would return them without asking the database; undefined if it had to. */
export function freshKeyRing(env: KeyBindings): KeyRing | undefined {
  const known = rings.get(env.DB)
  return known && isFresh(env, known) ? known.ring : undefined
}

/** Makes this isolate load the keys again with the next request, after it has changed them. */
export const forgetKeyRing = (env: KeyBindings) => rings.delete(env.DB)

/**
 * The keys of this deployment. An isolate asks the database with its first call, and again when it did so five minutes ago.
 * @throws DatabaseFailure while it cannot be asked for the first time
 */
export async function keyRing(env: KeyBindings): Promise<KeyRing> {
  const known = rings.get(env.DB)
  if (known) return isFresh(env, known) ? known.ring : reload(env, known)
  // The ring is remembered, never the promise of it: the request that loads it may be cut off, and requests that waited for
  // its promise would hang. Several may load at the same time; the first to have the ring decides which one is remembered.
  const loaded = await loadRing(env)
  return knownKeyRing(env) ?? remember(env, loaded).ring
}

/**
 * Loads the keys again, for a token under a key that `ring` does not have: another isolate may have rotated them. At most
 * once in 30 s, so that tokens with invented key ids do not cost a round trip each; else returns `ring`.
 */
export async function newerKeyRing(env: KeyBindings, ring: KeyRing): Promise<KeyRing> {
  const before = rings.get(env.DB)
  if (env.SIGNING_KEY || !before || Date.now() - before.at < RELOAD_AFTER) return before?.ring ?? ring
  return reload(env, before)
}

/** Loads the keys again; those of before stay while the database cannot be asked. */
async function reload(env: KeyBindings, before: Loaded): Promise<KeyRing> {
  // The time of the load is noted before it begins, so that requests meanwhile do not load as well.
  remember(env, before.ring)
  try {
    const loaded = await loadRing(env)
    return sameKeys(loaded, before.ring) ? before.ring : remember(env, loaded).ring
  } catch {
    return before.ring
  }
}

const remember = (env: KeyBindings, ring: KeyRing): Loaded => rings.set(env.DB, { ring, at: Date.now() })

const sameKeys = (one: KeyRing, other: KeyRing) =>
  one.signing.kid === other.signing.kid &&
  one.jwks.keys.map(({ kid }) => kid).join() === other.jwks.keys.map(({ kid }) => kid).join()

async function loadRing(env: KeyBindings): Promise<KeyRing> {
  if (env.SIGNING_KEY) return ringOf([await readSecret(env.SIGNING_KEY)])
  const database = new Database(env.DB, { deadline: deadlineOf(env) })
  const stored = await listSigningKeys(database)
  const rows = stored.length > 0 ? stored : await keepFirstSigningKey(database, await createSealedKey(env))
  return ringOf(await Promise.all(rows.map((row) => unsealKey(env, row))))
}

/** The additional authenticated data that a signing key is sealed with: it opens in the row of this key id alone. */
export const signingKeyContext = (kid: string) => `signing-key:${kid}`

/** A new signing key as it is stored, its private half sealed. */
export const createSealedKey = async (env: EncryptionEnv): Promise<SigningKeyRow> =>
  sealKey(env, await createSigningKey())

const sealKey = async (env: EncryptionEnv, { kid, privateJwk }: SigningKeyRow): Promise<SigningKeyRow> => ({
  kid,
  privateJwk: await seal(env, signingKeyContext(kid), privateJwk),
})

/** Stores a key that was generated elsewhere, unless there is one already. @param privateJwk without an id */
export async function keepGeneratedKey(env: KeyBindings, privateJwk: JWK): Promise<void> {
  const row = await sealKey(env, await withKeyId({ ...privateJwk, kid: newKeyId() }))
  await keepFirstSigningKey(new Database(env.DB, { deadline: deadlineOf(env) }), row)
}

const unsealKey = async (env: EncryptionEnv, { kid, privateJwk }: SigningKeyRow): Promise<SigningKeyRow> => ({
  kid,
  privateJwk: await unseal(env, signingKeyContext(kid), privateJwk),
})

/** A new RSA key. */
export async function createSigningKey(): Promise<SigningKeyRow> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true })
  return withKeyId({ ...(await exportJWK(privateKey)), kid: newKeyId() })
}

/** Real server: a random key id of this form (its engine's source). */
const newKeyId = () => crypto.randomUUID().replaceAll('-', '').toUpperCase()

async function readSecret(secret: string): Promise<SigningKeyRow> {
  if (secret.trimStart().startsWith('{')) {
    const jwk: JWK = JSON.parse(secret)
    return withKeyId(jwk)
  }
  return withKeyId(await exportJWK(await importPKCS8(secret, ALGORITHM, { extractable: true })))
}

/** A key that does not say its id has its thumbprint for one (RFC 7638). */
const withKeyId = async (jwk: JWK) => ({
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
