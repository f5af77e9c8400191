// The pepper: a random secret that password hashes are bound to, kept sealed. Without it, and so without ENCRYPTION_KEY, whoever
// reads the database cannot try passwords against the hashes.
import { base64url } from 'jose'
import { Database } from '../database/database.ts'
import { deadlineOf } from '../database/failure.ts'
import { MemoryOf } from '../http/isolate-memory.ts'
import type { EncryptionEnv } from '../secrets/encryption-keys.ts'
import { seal, unseal } from '../secrets/seal.ts'
import { findPepper, keepFirstPepper } from './pepper.queries.ts'

export interface Pepper {
  /** The first characters of the pepper's SHA-256: it names the pepper in hashes without revealing it. */
  readonly id: string
  /** For HMAC-SHA256. */
  readonly key: CryptoKey
}

/** The bindings that the pepper depends on. */
export type PepperEnv = EncryptionEnv & Pick<Cloudflare.Env, 'DB' | 'EMBEDDED' | 'D1_DEADLINE_MS'>

/** The additional authenticated data that the pepper is sealed with. */
export const PEPPER_CONTEXT = 'password-pepper'

const BYTES = 32
const ID_CHARACTERS = 8

interface Loaded {
  readonly pepper: Pepper
  /** Milliseconds since the epoch. */
  readonly at: number
}

const loaded = new MemoryOf<D1Database, Loaded>('peppers')

/**
 * How long an isolate goes by the pepper it knows, in milliseconds. It changes only when the database is put back to before it was
 * made; hashes that were bound to one that is gone would never match again.
 */
const MAX_AGE = 5 * 60_000

/**
 * The pepper of this deployment; the first call of all makes it. An isolate asks the database with its first call, and again when
 * it did so five minutes ago.
 * @throws NotUnsealed if none of the deployment's keys opens it
 */
export async function pepperOf(env: PepperEnv): Promise<Pepper> {
  const known = loaded.get(env.DB)
  if (known && (env.EMBEDDED || Date.now() - known.at < MAX_AGE)) return known.pepper
  const pepper = await load(env)
  // The pepper is remembered, never the promise of it: the request that loads it may be cut off.
  loaded.set(env.DB, { pepper, at: Date.now() })
  return pepper
}

async function load(env: PepperEnv): Promise<Pepper> {
  const database = new Database(env.DB, { deadline: deadlineOf(env) })
  const sealed = (await findPepper(database)) ?? (await keepFirstPepper(database, await createSealedPepper(env)))
  const bytes = new Uint8Array(base64url.decode(await unseal(env, PEPPER_CONTEXT, sealed)))
  const [digest, key] = await Promise.all([
    crypto.subtle.digest('SHA-256', bytes),
    crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']),
  ])
  return { id: base64url.encode(new Uint8Array(digest)).slice(0, ID_CHARACTERS), key }
}

const createSealedPepper = (env: EncryptionEnv) =>
  seal(env, PEPPER_CONTEXT, base64url.encode(crypto.getRandomValues(new Uint8Array(BYTES))))
