// Handles of what is stored: authorization codes, refresh tokens, device codes. A handle is 16 random bytes and their MAC, so
// that one this deployment never gave out is refused without asking the database, which knows handles by their hashes alone.
import { base64url } from 'jose'
import type { EncryptionEnv } from './encryption-keys.ts'
import { hasMac, macOf } from './mac.ts'

export type HandleUse = 'code' | 'refresh_token' | 'device_code'

const RANDOM_BYTES = 16

// Real server: 64 hexadecimal digits in upper case, and the version of the form (its framework's source, version 6 and later).
const FORM = /^([0-9A-F]{32})([0-9A-F]{32})-1$/

export interface Handle {
  /** As the client has it: 64 hexadecimal digits and `-1`. */
  readonly text: string
  /** As the database has it: SHA-256, base64url. */
  readonly hash: string
}

/** A new handle. @example const { text, hash } = await createHandle(c.env, 'code') */
export async function createHandle(env: EncryptionEnv, use: HandleUse): Promise<Handle> {
  const random = crypto.getRandomValues(new Uint8Array(RANDOM_BYTES))
  const text = `${hex(random)}${hex(await macOf(env, use, random))}-1`
  return { text, hash: await hashOf(text) }
}

/** The hash by which the database knows the handle `text`; undefined for one that this deployment did not make for that use. */
export async function readHandle(env: EncryptionEnv, use: HandleUse, text: string): Promise<string | undefined> {
  const [, random, mac] = FORM.exec(text) ?? []
  if (random === undefined || mac === undefined) return undefined
  return (await hasMac(env, use, bytesOf(random), bytesOf(mac))) ? hashOf(text) : undefined
}

/** Bytes in upper-case hexadecimal digits. */
export const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase()

const bytesOf = (digits: string) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

const hashOf = async (text: string) =>
  base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))
