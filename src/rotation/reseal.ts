// Seals stored secrets under the current encryption key, in bounded steps, while the deployment serves.
import { Database } from '../database/database.ts'
import { databasesOf } from '../database/placement.ts'
import { encryptionKeys } from '../secrets/encryption-keys.ts'
import { isSealed, SEALED_ENDINGS } from '../secrets/is-secret.ts'
import { SEALED, seal, unseal } from '../secrets/seal.ts'
import { settingContext } from '../settings/secret-settings.ts'
import { listUnsealed, type StoredSetting, swapSettings } from './reseal.queries.ts'
import { resealSigningKeys } from './rotate-keys.ts'

/** How far a run has come: the index of the database, and the id of the last row of its settings that was looked at. */
export interface Position {
  database: number
  after: number
}

/** The result of a step: how much it sealed, and where the next step begins; undefined at the end of the last database. */
export interface Step {
  resealed: number
  next: Position | undefined
}

export const START: Position = { database: 0, after: 0 }

/**
 * Runs one step: seals at most 100 settings in one atomic write, by compare-and-swap; the first step seals the signing
 * keys as well. Steps are idempotent: one may be repeated, and a run may begin again, since what is sealed under the current
 * key is left as it is.
 *
 * @throws NotUnsealed at a value whose key is not among the old ones; none of the step's settings is written then
 * @example
 * for (let from: Position | undefined = START; from; ) from = (await reseal(env, from)).next
 */
export async function reseal(env: Cloudflare.Env, { database, after }: Position): Promise<Step> {
  const d1 = databasesOf(env)[database]?.d1
  if (!d1) return { resealed: 0, next: undefined }
  const keys = database === 0 && after === 0 ? await resealSigningKeys(env) : 0
  const current = `${SEALED}${(await encryptionKeys(env))?.current.id ?? ''}:`
  const { found, next } = await listUnsealed(new Database(d1), after, SEALED_ENDINGS, current)
  const swaps = await Promise.all(found.filter(({ key }) => isSealed(key)).map((row) => swapFor(env, row)))
  const settings = swaps.length > 0 ? await swapSettings(new Database(d1), swaps) : 0
  const position = next === undefined ? { database: database + 1, after: 0 } : { database, after: next }
  return { resealed: keys + settings, next: databasesOf(env)[position.database] ? position : undefined }
}

async function swapFor(env: Cloudflare.Env, row: StoredSetting): Promise<[number, string, string]> {
  const context = settingContext(row, row.key)
  return [row.id, row.value, await seal(env, context, await unseal(env, context, row.value))]
}
