// The keys that stored secrets are encrypted with (AES-256-GCM): ENCRYPTION_KEY and its predecessors, imported once per isolate.
import { base64url } from 'jose'
import { MemoryOfOne } from '../http/isolate-memory.ts'

/** The secrets of the Worker that hold the keys. */
export type EncryptionEnv = Pick<Cloudflare.Env, 'ENCRYPTION_KEY' | 'ENCRYPTION_KEYS_OLD'>

export interface EncryptionKey {
  /** The first characters of the key's SHA-256: it names the key in sealed texts without revealing it. */
  readonly id: string
  readonly key: CryptoKey
}

export interface EncryptionKeys {
  readonly current: EncryptionKey
  /** All keys by their ids, the current one among them. */
  readonly byId: ReadonlyMap<string, EncryptionKey>
}

const KEY_BYTES = 32
const ID_CHARACTERS = 8

/** Whether `text` is a key: 32 bytes, base64url. */
export const isEncryptionKey = (text: string) => bytesOf(text) !== undefined

const imported = new MemoryOfOne<{ from: EncryptionEnv; keys: EncryptionKeys }>('encryptionKeys')

/**
 * The keys `env` names; undefined if there are none, as only a local run may do.
 * @throws Error naming the secret that is not a key
 */
export async function encryptionKeys(env: EncryptionEnv): Promise<EncryptionKeys | undefined> {
  const { ENCRYPTION_KEY, ENCRYPTION_KEYS_OLD } = env
  if (!ENCRYPTION_KEY) return undefined
  const known = importedKeys(env)
  if (known) return known
  const current = await importKey('ENCRYPTION_KEY', ENCRYPTION_KEY)
  const others = await Promise.all(oldKeys(env).map((text) => importKey('ENCRYPTION_KEYS_OLD', text)))
  const keys = { current, byId: new Map([...others, current].map((key) => [key.id, key])) }
  // The keys are remembered, never a promise of them: in workerd a request must not wait for the work of another.
  imported.value = { from: { ENCRYPTION_KEY, ...(ENCRYPTION_KEYS_OLD && { ENCRYPTION_KEYS_OLD }) }, keys }
  return keys
}

/** The keys of `env`, if they are imported already: for callers that would rather not wait for a promise. */
export function importedKeys({ ENCRYPTION_KEY, ENCRYPTION_KEYS_OLD }: EncryptionEnv): EncryptionKeys | undefined {
  const known = imported.value
  const same =
    known?.from.ENCRYPTION_KEY === ENCRYPTION_KEY &&
    (known?.from.ENCRYPTION_KEYS_OLD ?? '') === (ENCRYPTION_KEYS_OLD ?? '')
  return same ? known?.keys : undefined
}

/** The keys that open what was sealed before a rotation, and seal nothing new. */
export const oldKeys = ({ ENCRYPTION_KEYS_OLD = '' }: EncryptionEnv) =>
  ENCRYPTION_KEYS_OLD.split(',')
    .map((text) => text.trim())
    .filter(Boolean)

async function importKey(secret: string, text: string): Promise<EncryptionKey> {
  const bytes = bytesOf(text)
  if (!bytes) throw new Error(`${secret} is not ${KEY_BYTES} bytes in base64url`)
  const [hash, key] = await Promise.all([
    crypto.subtle.digest('SHA-256', bytes),
    crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']),
  ])
  return { id: base64url.encode(new Uint8Array(hash)).slice(0, ID_CHARACTERS), key }
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]{43}=?$/.test(text)) return undefined
  const bytes = base64url.decode(text)
  return bytes.length === KEY_BYTES ? new Uint8Array(bytes) : undefined
}
