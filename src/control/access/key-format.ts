// The form of keys: a prefix that tells the kind, 32 random bytes, and a checksum, so that a mistyped or invented key is
// refused without asking the database.
import { base64url } from 'jose'
import { hashSecret } from '../../connect/client-secret.ts'

/** A team's key makes tenants and reaches those of its team; a tenant's key reaches that tenant. */
export type KeyKind = 'team' | 'tenant'

const FORM = /^(ie_(?:team|tenant)_[\w-]{43})([\w-]{6})$/

const checksumOf = async (text: string) => (await hashSecret(text)).slice(0, 6)

/** A new key, and its hash, which is all that is kept of it. */
export async function newKey(kind: KeyKind): Promise<{ key: string; hash: string }> {
  const random = base64url.encode(crypto.getRandomValues(new Uint8Array(32)))
  const text = `ie_${kind}_${random}`
  const key = `${text}${await checksumOf(text)}`
  return { key, hash: await hashSecret(key) }
}

/** The hash of a key; undefined for a text that cannot be one. */
export async function keyHash(text: string): Promise<string | undefined> {
  const [, body = '', checksum] = FORM.exec(text) ?? []
  return checksum !== undefined && checksum === (await checksumOf(body)) ? hashSecret(text) : undefined
}

/** A random id by which a key is listed, logged and revoked. It opens nothing. */
export const newKeyId = () => `key-${base64url.encode(crypto.getRandomValues(new Uint8Array(9)))}`
