// Texts that are secret at rest and have to be given back: sealed with AES-GCM, bound to the place they are stored in.
import { base64url } from 'jose'
import { BoundedMap } from '../http/bounded-map.ts'
import { MemoryOf } from '../http/isolate-memory.ts'
import { type EncryptionEnv, type EncryptionKeys, encryptionKeys, importedFrom } from './encryption-keys.ts'

/** How every sealed text begins; then come key id, iv and ciphertext, each base64url, with colons between. */
export const SEALED = 'sealed:v1:'

const FORM = /^sealed:v1:([\w-]{8}):([\w-]{16}):([\w-]{22,})$/
const IV_BYTES = 12

/** How many texts an isolate remembers in the clear, and up to which length. The oldest goes first. */
const MAX_OPENED = 1000
const MAX_OPENED_LENGTH = 1024

interface Opened {
  context: string
  text: string
}

const opened = new MemoryOf<EncryptionKeys, BoundedMap<string, Opened>>('openedSecrets')

/** A stored text that no key at hand opens, in the place it was found. Says nothing of the text. */
export class NotUnsealed extends Error {}

export const isSealed = (text: string) => text.startsWith(SEALED) && FORM.test(text)

/** Whether `text` is sealed under the current key already. */
export async function isCurrent(env: EncryptionEnv, text: string): Promise<boolean> {
  const id = (await encryptionKeys(env))?.current.id
  return id === undefined || FORM.exec(text)?.[1] === id
}

/**
 * Seals `text` for the one place that `context` names (kind, partition, key: ids in one spelling, see `foldId`).
 * It opens nowhere else. A local run without a key keeps texts as they are.
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
 * The text that {@link seal} was given. What is not sealed is returned as it is: it was kept before there was a key.
 * A text that was opened before is returned at once, not as a promise.
 *
 * @throws NotUnsealed if its key is missing, or it was sealed for another context
 */
export function unseal(env: EncryptionEnv, context: string, text: string): string | Promise<string> {
  if (!text.startsWith(SEALED)) return text
  const keys = importedFrom(env)
  const known = keys && opened.get(keys)?.get(text)
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

function remember(keys: EncryptionKeys, sealed: string, plain: Opened) {
  if (sealed.length > MAX_OPENED_LENGTH) return
  opened.getOrMake(keys, () => new BoundedMap({ entries: MAX_OPENED })).set(sealed, plain)
}
