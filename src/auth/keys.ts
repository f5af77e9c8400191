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

const rings = new WeakMap<D1Database, KeyRing>()

/**
 * The keys of this deployment. Only an isolate's first call asks the database.
 * @throws DatabaseFailure while it cannot be asked
 */
export async function keyRing(env: KeyBindings): Promise<KeyRing> {
  const known = rings.get(env.DB)
  if (known) return known
  // Remembered when it is there and not before: a request that loads it may go away, and nobody is to wait for that.
  const opened = await open(env)
  const ring = rings.get(env.DB) ?? opened
  rings.set(env.DB, ring)
  return ring
}

async function open(env: KeyBindings): Promise<KeyRing> {
  if (env.SIGNING_KEY) return ringOf([await readSecret(env.SIGNING_KEY)])
  const database = new Database(env.DB, { deadline: deadlineOf(env) })
  const kept = await listSigningKeys(database)
  return ringOf(kept.length > 0 ? kept : await keepFirstSigningKey(database, await createSigningKey()))
}

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
