// Authenticates what goes out and comes back (handles, cookies, form tokens): 16 bytes of HMAC-SHA-256 under a key derived from
// the deployment's encryption key, so that a forged one is refused before the database is asked.
import { base64url } from 'jose'
import { MemoryOfOne } from '../http/isolate-memory.ts'
import { type EncryptionEnv, oldKeys } from './encryption-keys.ts'

/** What a MAC is for: one that was made for another use does not verify. */
export type MacUse = 'code' | 'refresh_token' | 'device_code' | 'session' | 'form'

const MAC_BYTES = 16
const INFO = new TextEncoder().encode('identity-edge: handles and cookies')

/** In place of the encryption key, for local runs that have none. What is forged there is still unknown to the database. */
const LOCAL_KEY = new Uint8Array(32)

interface Derived {
  readonly from: string
  /** The current key first, then those of before a rotation, under which MACs still verify. */
  readonly keys: readonly CryptoKey[]
}

const derived = new MemoryOfOne<Derived>('macKeys')

async function macKeys(env: EncryptionEnv): Promise<readonly CryptoKey[]> {
  const texts = [env.ENCRYPTION_KEY, ...oldKeys(env)].map((text) => text || undefined)
  const from = texts.join()
  if (derived.value?.from === from) return derived.value.keys
  const keys = await Promise.all(texts.map(deriveKey))
  // The keys are remembered, never a promise of them: in workerd a request must not wait for the work of another.
  derived.value = { from, keys }
  return keys
}

async function deriveKey(text: string | undefined): Promise<CryptoKey> {
  const bytes = text === undefined ? LOCAL_KEY : new Uint8Array(base64url.decode(text))
  const secret = await crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveKey'])
  const how = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: INFO }
  return crypto.subtle.deriveKey(how, secret, { name: 'HMAC', hash: 'SHA-256', length: 256 }, false, ['sign'])
}

async function macUnder(key: CryptoKey, use: MacUse, content: Uint8Array): Promise<Uint8Array> {
  const prefix = new TextEncoder().encode(`${use}\n`)
  const message = new Uint8Array(prefix.length + content.length)
  message.set(prefix)
  message.set(content, prefix.length)
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, message)).subarray(0, MAC_BYTES)
}

/** The MAC of `content`, 16 bytes. @throws Error if ENCRYPTION_KEY is no key */
export async function macOf(env: EncryptionEnv, use: MacUse, content: Uint8Array): Promise<Uint8Array> {
  const [current] = await macKeys(env)
  if (!current) throw new Error('there is no key to derive one from')
  return macUnder(current, use, content)
}

/** Whether `mac` is that of `content` under the deployment's key or a former one. Compared in constant time. */
export async function hasMac(env: EncryptionEnv, use: MacUse, content: Uint8Array, mac: Uint8Array): Promise<boolean> {
  for (const key of await macKeys(env)) {
    const expected = await macUnder(key, use, content)
    if (mac.length === MAC_BYTES && crypto.subtle.timingSafeEqual(expected, new Uint8Array(mac))) return true
  }
  return false
}
