// Changing the tenant's signing key while it serves, and the key that signing keys are sealed under.

import { createSealedKey, signingKeyContext } from '../auth/keys.ts'
import { listSigningKeys, promoteSigningKey, publishSigningKey, swapSigningKey } from '../auth/signing-key.queries.ts'
import { Database } from '../database/database.ts'
import { isCurrent, seal, unseal } from '../secrets/seal.ts'

/** Seals the signing keys under the current encryption key, each unless it was changed meanwhile; returns how many. */
export async function resealSigningKeys(env: Cloudflare.Env): Promise<number> {
  const database = new Database(env.DB)
  let resealed = 0
  for (const { kid, privateJwk } of await listSigningKeys(database)) {
    if (await isCurrent(env, privateJwk)) continue
    const context = signingKeyContext(kid)
    const sealed = await seal(env, context, await unseal(env, context, privateJwk))
    resealed += await swapSigningKey(database, kid, privateJwk, sealed)
  }
  return resealed
}

/** Makes a key that verifies and does not sign yet, so that everybody who checks tokens can come to know it. */
export async function publishNextKey(env: Cloudflare.Env): Promise<string> {
  const key = await createSealedKey(env)
  await publishSigningKey(new Database(env.DB), key)
  return key.kid
}

/**
 * Lets the published key `kid` sign. Isolates that run go on with their key until they meet a token under one they do
 * not know; the former key goes on verifying. False if no key of that name waits.
 */
export const signWith = (env: Cloudflare.Env, kid: string): Promise<boolean> =>
  promoteSigningKey(new Database(env.DB), kid)
