// Changes the signing key while the deployment serves, and seals signing keys under a new encryption key.
import { createSealedKey, signingKeyContext } from '../auth/keys.ts'
import { listSigningKeys, promoteSigningKey, publishSigningKey, swapSigningKey } from '../auth/signing-key.queries.ts'
import { Database } from '../database/database.ts'
import { isCurrent, seal, unseal } from '../secrets/seal.ts'

/** Seals the signing keys under the current encryption key, by compare-and-swap; returns how many. */
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

/** Makes a key that is published and does not sign yet, so that clients have it in their JWKS before it does. */
export async function publishNextKey(env: Cloudflare.Env): Promise<string> {
  const key = await createSealedKey(env)
  await publishSigningKey(new Database(env.DB), key)
  return key.kid
}

/**
 * Makes the published key `kid` the one that signs. The former key still verifies. A running isolate signs with its former
 * key until it sees a token under one that it does not know. False if there is no such key that is published only.
 */
export const signWith = (env: Cloudflare.Env, kid: string): Promise<boolean> =>
  promoteSigningKey(new Database(env.DB), kid)
