// Changes the signing key while the deployment serves, and seals signing keys and the pepper under a new encryption key.
import { createSealedKey, forgetKeyRing, signingKeyContext } from '../auth/keys.ts'
import {
  listSigningKeys,
  promoteSigningKey,
  publishSigningKey,
  retireSigningKey,
  swapSigningKey,
} from '../auth/signing-key.queries.ts'
import { Database } from '../database/database.ts'
import { isCurrent, seal, unlessUnopened, unseal } from '../secrets/seal.ts'
import { findPepper, swapPepper } from '../users/pepper.queries.ts'
import { PEPPER_CONTEXT } from '../users/pepper.ts'

/** How many were sealed, and the names of those that none of the deployment's keys opens. */
export interface Resealed {
  resealed: number
  unopened: string[]
}

/** Seals the signing keys under the current encryption key, by compare-and-swap; names those that no key opens. */
export async function resealSigningKeys(env: Cloudflare.Env): Promise<Resealed> {
  const database = new Database(env.DB)
  const unopened: string[] = []
  let resealed = 0
  for (const { kid, privateJwk } of await listSigningKeys(database)) {
    if (await isCurrent(env, privateJwk)) continue
    const context = signingKeyContext(kid)
    const opened = await unlessUnopened(async () => unseal(env, context, privateJwk))
    if (opened === undefined) unopened.push(`signing key ${kid}`)
    else resealed += await swapSigningKey(database, kid, privateJwk, await seal(env, context, opened))
  }
  return { resealed, unopened }
}

/** Seals the pepper of password hashes under the current encryption key, by compare-and-swap. */
export async function resealPepper(env: Cloudflare.Env): Promise<Resealed> {
  const database = new Database(env.DB)
  const sealed = await findPepper(database)
  if (sealed === undefined || (await isCurrent(env, sealed))) return { resealed: 0, unopened: [] }
  const opened = await unlessUnopened(async () => unseal(env, PEPPER_CONTEXT, sealed))
  if (opened === undefined) return { resealed: 0, unopened: ['the pepper of passwords'] }
  return { resealed: await swapPepper(database, sealed, await seal(env, PEPPER_CONTEXT, opened)), unopened: [] }
}

/** Makes a key that is published and does not sign yet, so that clients have it in their JWKS before it does. */
export async function publishNextKey(env: Cloudflare.Env): Promise<string> {
  const key = await createSealedKey(env)
  await publishSigningKey(new Database(env.DB), key)
  forgetKeyRing(env)
  return key.kid
}

/**
 * Makes the published key `kid` the one that signs. The former key still verifies. A running isolate signs with its former
 * key until it sees a token under one that it does not know, for five minutes at most. False if there is no such key that
 * is published only.
 */
export async function signWith(env: Cloudflare.Env, kid: string): Promise<boolean> {
  const promoted = await promoteSigningKey(new Database(env.DB), kid)
  forgetKeyRing(env)
  return promoted
}

/**
 * Removes the key `kid`, which does not sign any more or not yet: its tokens are refused, by running isolates within five
 * minutes. False if there is no such key, or it is the one that signs.
 */
export async function retire(env: Cloudflare.Env, kid: string): Promise<boolean> {
  const retired = await retireSigningKey(new Database(env.DB), kid)
  forgetKeyRing(env)
  return retired
}
