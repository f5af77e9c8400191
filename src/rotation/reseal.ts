// Brings what is stored under the current encryption key, step by step, while the tenant serves.

import { Database } from '../database/database.ts'
import { databasesOf } from '../database/placement.ts'
import { encryptionKeys } from '../secrets/encryption-keys.ts'
import { isSealed, SEALED_ENDINGS } from '../secrets/is-secret.ts'
import { SEALED, seal, unseal } from '../secrets/seal.ts'
import { settingContext } from '../settings/secret-settings.ts'
import { type KeptSetting, listUnsealed, swapSettings } from './reseal.queries.ts'
import { resealSigningKeys } from './rotate-keys.ts'

/** Where a run stands: which database, and behind which row of its settings. */
export interface Position {
  database: number
  after: number
}

/** What a step did. `next` is where to go on; undefined when everything has been looked at. */
export interface Step {
  resealed: number
  next: Position | undefined
}

export const START: Position = { database: 0, after: 0 }

/**
 * Re-seals at most 100 settings, in one atomic write that leaves alone whatever was changed meanwhile; at the
 * start, the signing keys as well. A step may be repeated, and a run begun anew: what is current is left as it is.
 *
 * @throws NotUnsealed at a value whose key is not among the old ones; none of the step's settings is written then
 */
export async function reseal(env: Cloudflare.Env, { database, after }: Position): Promise<Step> {
  const d1 = databasesOf(env)[database]?.d1
  if (!d1) return { resealed: 0, next: undefined }
  const keys = database === 0 && after === 0 ? await resealSigningKeys(env) : 0
  const current = `${SEALED}${(await encryptionKeys(env))?.current.id ?? ''}:`
  const { found, next } = await listUnsealed(new Database(d1), after, SEALED_ENDINGS, current)
  const swaps = await Promise.all(found.filter(({ key }) => isSealed(key)).map((row) => swapFor(env, row)))
  const settings = swaps.length > 0 ? await swapSettings(new Database(d1), swaps) : 0
  const behind = next === undefined ? { database: database + 1, after: 0 } : { database, after: next }
  return { resealed: keys + settings, next: databasesOf(env)[behind.database] ? behind : undefined }
}

async function swapFor(env: Cloudflare.Env, row: KeptSetting): Promise<[number, string, string]> {
  const context = settingContext(row, row.key)
  return [row.id, row.value, await seal(env, context, await unseal(env, context, row.value))]
}
