// Seals stored secrets under the current encryption key, in bounded steps, while the deployment serves.
import { Database } from '../database/database.ts'
import { databasesOf } from '../database/placement.ts'
import { encryptionKeys } from '../secrets/encryption-keys.ts'
import { isSealed, SEALED_ENDINGS } from '../secrets/is-secret.ts'
import { SEALED, unlessUnopened } from '../secrets/seal.ts'
import { resealSetting } from '../settings/secret-settings.ts'
import { type SettingEntry, settingList } from '../settings/setting.section.ts'
import { listUnsealed, listUnsealedParts, type StoredPart, swapEntries, swapSettings } from './reseal.queries.ts'
import { type Resealed, resealPepper, resealSigningKeys } from './rotate-keys.ts'

/**
 * What of a database is looked through, in this order. A reset that brings a setting back from a snapshot that is not looked
 * through yet makes the run count that snapshot, so that it does not end with 0.
 */
const TABLES = ['settings', 'snapshots'] as const

/** How far a run has come: the index of the database, its table, and the id of the last row of that which was looked at. */
export interface Position {
  database: number
  table: (typeof TABLES)[number]
  after: number
}

/** The result of a step: what it did, and where the next step begins; undefined at the end of the last database. */
export interface Step extends Resealed {
  next: Position | undefined
}

export const START: Position = { database: 0, table: 'settings', after: 0 }

/**
 * Runs one step: seals at most 100 settings, or those in some parts of snapshots, by compare-and-swap; the first step seals
 * the signing keys and the pepper as well. Steps are idempotent: one may be repeated, and a run may begin again, since what is sealed under
 * the current key is left as it is. A run that sealed nothing and began when no isolate used the former key any more says that
 * nothing needs that key.
 *
 * @example
 * for (let from: Position | undefined = START; from; ) from = (await reseal(env, from)).next
 */
export async function reseal(env: Cloudflare.Env, from: Position): Promise<Step> {
  const d1 = databasesOf(env)[from.database]?.d1
  const keys = await encryptionKeys(env)
  if (!d1 || !keys) return { resealed: 0, unopened: [], next: undefined }
  const isFirst = from.database === 0 && from.table === 'settings' && from.after === 0
  const ofDeployment = isFirst ? [await resealSigningKeys(env), await resealPepper(env)] : []
  const current = `${SEALED}${keys.current.id}:`
  const table = from.table === 'settings' ? resealSettings : resealSnapshots
  const { resealed, unopened, last } = await table(env, new Database(d1), from.after, current)
  return {
    resealed: ofDeployment.reduce((sum, one) => sum + one.resealed, resealed),
    unopened: [...ofDeployment.flatMap((one) => one.unopened), ...unopened],
    next: last === undefined ? behind(env, from) : { ...from, after: last },
  }
}

/** The beginning of the next table, or of the next database. */
function behind(env: Cloudflare.Env, { database, table }: Position): Position | undefined {
  const next = TABLES[TABLES.indexOf(table) + 1]
  if (next) return { database, table: next, after: 0 }
  return databasesOf(env)[database + 1] && { ...START, database: database + 1 }
}

/** @returns `last` is the row behind which the next step begins; undefined at the end of the table */
async function resealSettings(env: Cloudflare.Env, database: Database, after: number, current: string) {
  const { found, next } = await listUnsealed(database, after, SEALED_ENDINGS, current)
  const unopened: string[] = []
  const swaps: [id: number, old: string, value: string][] = []
  for (const row of found) {
    if (!isSealed(row.key)) continue
    const value = await unlessUnopened(() => resealSetting(env, row, row))
    if (value === undefined) unopened.push(`setting ${row.key} (id ${row.id}) of partition ${row.partition}`)
    else swaps.push([row.id, row.value, value])
  }
  const resealed = swaps.length > 0 ? await swapSettings(database, swaps) : 0
  return { resealed, unopened, last: next }
}

async function resealSnapshots(env: Cloudflare.Env, database: Database, after: number, current: string) {
  const list = settingList.name
  const { found, next } = await listUnsealedParts(database, { after, list, endings: SEALED_ENDINGS, current })
  const unopened: string[] = []
  let resealed = 0
  for (const part of found) {
    const done = await resealEntries(env, part, current)
    unopened.push(...done.unopened)
    if (done.resealed > 0 && (await swapEntries(database, part.row, part.entries, done.entries))) {
      resealed += done.resealed
    }
  }
  return { resealed, unopened, last: next }
}

/** The entries of a part with their secrets sealed under the current key. */
async function resealEntries(env: Cloudflare.Env, part: StoredPart, current: string) {
  const entries: SettingEntry[] = JSON.parse(part.entries)
  const unopened: string[] = []
  let resealed = 0
  for (const entry of entries) {
    const { key, value } = entry
    if (value === null || !isSealed(key) || value.startsWith(current)) continue
    const sealed = await unlessUnopened(() => resealSetting(env, entry, { key, value }))
    if (sealed === undefined) {
      unopened.push(`setting ${key} in ${nameOf(part)} of partition ${part.partition}`)
      continue
    }
    entry.value = sealed
    resealed++
  }
  return { entries: JSON.stringify(entries), resealed, unopened }
}

const nameOf = ({ snapshot }: StoredPart) =>
  snapshot === '' ? 'the state that a reset restores' : `snapshot ${snapshot}`
