// Encryption at rest for secrets that have to be returned in clear: AES-GCM, with the place in the database as additional
// authenticated data, so that a sealed text that is copied to another place does not open there.
import { base64url } from 'jose'
import { BoundedMap } from '../http/bounded-map.ts'
import { MemoryOf } from '../http/isolate-memory.ts'
import { type EncryptionEnv, type EncryptionKeys, encryptionKeys, importedKeys } from './encryption-keys.ts'

/** The prefix of sealed texts. Behind it come key id, IV and ciphertext, each in base64url, separated by colons. */
export const SEALED = 'sealed:v1:'

const FORM = /^sealed:v1:([\w-]{8}):([\w-]{16}):([\w-]{22,})$/
const IV_BYTES = 12

/** Decrypted texts that an isolate caches, and the length up to which it does. The oldest are evicted. */
const MAX_OPENED = 1000
const MAX_OPENED_LENGTH = 1024

interface Decrypted {
  /** The context it was opened for: a cached text must not open for another either. */
  context: string
  text: string
}

const decrypted = new MemoryOf<EncryptionKeys, BoundedMap<string, Decrypted>>('openedSecrets')

/** A sealed text does not open: its key is not among those of the deployment, or it was altered or moved. */
export class NotUnsealed extends Error {}

export const isSealed = (text: string) => text.startsWith(SEALED) && FORM.test(text)

/** Whether a sealed text is sealed under the current key, so that a rotation leaves it as it is. */
export async function isCurrent(env: EncryptionEnv, text: string): Promise<boolean> {
  const id = (await encryptionKeys(env))?.current.id
  return id === undefined || FORM.exec(text)?.[1] === id
}

/**
 * Encrypts `text` under the current key. A local run without a key stores it as it is.
 *
 * @param context additional authenticated data that names the one place the text is for (kind, id, key; ids spelled by
 *   `foldId`): for another context it does not open
 *
 * @example
 * const kept = await seal(c.env, `snapshot:${foldId(partition)}:${name}`, document)
 * const document = await unseal(c.env, `snapshot:${foldId(partition)}:${name}`, kept)
 */
export async function seal(env: EncryptionEnv, context: string, text: string): Promise<string> {
  const keys = await encryptionKeys(env)
  if (!keys) return text
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const { id, key } = keys.current
  const bytes = await crypto.subtle.encrypt(parameters(iv, context), key, new TextEncoder().encode(text))
  const sealed = `${SEALED}${id}:${base64url.encode(iv)}:${base64url.encode(new Uint8Array(bytes))}`
  remember(keys, sealed, { context, text })
  return sealed
}

/**
 * Decrypts a text that {@link seal} encrypted. One that is not sealed is returned as it is: it was stored before the
 * deployment had a key. A cached text is returned at once and not as a promise, so that lists of settings need not wait.
 *
 * @throws NotUnsealed if its key is missing, or it was sealed for another context
 */
export function unseal(env: EncryptionEnv, context: string, text: string): string | Promise<string> {
  if (!text.startsWith(SEALED)) return text
  const keys = importedKeys(env)
  const known = keys && decrypted.get(keys)?.get(text)
  return known?.context === context ? known.text : open(env, context, text)
}

async function open(env: EncryptionEnv, context: string, sealed: string): Promise<string> {
  const keys = await encryptionKeys(env)
  const [, id, iv, ciphertext] = FORM.exec(sealed) ?? []
  if (!keys || id === undefined || iv === undefined || ciphertext === undefined) return sealed
  const key = keys.byId.get(id)?.key
  if (!key) throw new NotUnsealed(`a text is sealed under the key ${id}, which is not among those of this deployment`)
  const text = await decrypt(key, parameters(base64url.decode(iv), context), base64url.decode(ciphertext))
  remember(keys, sealed, { context, text })
  return text
}

/** What `opening` returns; undefined where it fails because no key opens the text. */
export async function unlessUnopened<Value>(opening: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await opening()
  } catch (error) {
    if (error instanceof NotUnsealed) return undefined
    throw error
  }
}

async function decrypt(key: CryptoKey, how: AesGcmParams, ciphertext: Uint8Array): Promise<string> {
  try {
    return new TextDecoder().decode(await crypto.subtle.decrypt(how, key, new Uint8Array(ciphertext)))
  } catch (cause) {
    throw new NotUnsealed('a sealed text was altered, or stands where it was not sealed for', { cause })
  }
}

interface AesGcmParams extends SubtleCryptoEncryptAlgorithm {
  name: 'AES-GCM'
}

const parameters = (iv: Uint8Array, context: string): AesGcmParams => ({
  name: 'AES-GCM',
  iv: new Uint8Array(iv),
  additionalData: new TextEncoder().encode(context),
})

function remember(keys: EncryptionKeys, sealed: string, plain: Decrypted) {
  if (sealed.length > MAX_OPENED_LENGTH) return
  decrypted.getOrMake(keys, () => new BoundedMap({ entries: MAX_OPENED })).set(sealed, plain)
}
