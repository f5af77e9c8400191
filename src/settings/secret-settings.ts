// How the values of settings that are secrets are kept: sealed, and given back as they were written.
import { foldId } from '../http/identifier.ts'
import type { EncryptionEnv } from '../secrets/encryption-keys.ts'
import { isSealed } from '../secrets/is-secret.ts'
import { SEALED, seal, unseal } from '../secrets/seal.ts'

/** Whose setting it is: a user's, by id in any case, or a partition's. */
interface Place {
  readonly user: string | null
}

/**
 * What a setting's value is sealed for (additional authenticated data): its key, and its user. Not the partition: a fork
 * copies sealed values into another one without opening them, and they have to open there.
 */
export const settingContext = ({ user }: Place, key: string) =>
  JSON.stringify(['setting', user === null ? null : foldId(user), key])

type Valued = { readonly key: string; readonly value: string | null }

/** `rows` with the secrets among them sealed. */
export async function sealSettings<Row extends Valued>(env: EncryptionEnv, place: Place, rows: readonly Row[]) {
  if (!rows.some(({ key }) => isSealed(key))) return rows
  return Promise.all(rows.map((row) => sealSetting(env, place, row)))
}

/** `row`, sealed if it is a secret. */
export async function sealSetting<Row extends Valued>(env: EncryptionEnv, place: Place, row: Row): Promise<Row> {
  if (row.value === null || !isSealed(row.key)) return row
  return { ...row, value: await seal(env, settingContext(place, row.key), row.value) }
}

/**
 * `rows` with the secrets among them decrypted; a promise only if one of them was not decrypted before in this
 * isolate.
 */
export function unsealSettings<Row extends Valued>(
  env: EncryptionEnv,
  place: Place,
  rows: readonly Row[],
): readonly Row[] | Promise<readonly Row[]> {
  if (!rows.some(isSealedSecret)) return rows
  const opened = rows.map((row) => unsealSetting(env, place, row))
  const now = opened.filter((row): row is Row => !(row instanceof Promise))
  return now.length === rows.length ? now : Promise.all(opened)
}

/** `row`, decrypted if it is a secret; a promise only if that was not done before in this isolate. */
export function unsealSetting<Row extends Valued>(env: EncryptionEnv, place: Place, row: Row): Row | Promise<Row> {
  if (!isSealedSecret(row)) return row
  const value = unseal(env, settingContext(place, row.key), row.value)
  return typeof value === 'string' ? { ...row, value } : value.then((text) => ({ ...row, value: text }))
}

/** The value of a secret, sealed under the current key. @throws NotUnsealed */
export async function resealSetting(env: EncryptionEnv, place: Place, row: { key: string; value: string }) {
  const context = settingContext(place, row.key)
  return seal(env, context, await unseal(env, context, row.value))
}

const isSealedSecret = <Row extends Valued>(row: Row): row is Row & { value: string } =>
  row.value?.startsWith(SEALED) === true && isSealed(row.key)
