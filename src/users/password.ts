// From a password to what is asked and kept of it. The password itself goes no further than this.
import { foldId } from '../http/identifier.ts'
import type { UserKey } from './user.queries.ts'

/**
 * 1.6 ms of computing in workerd on the machine this was written on; a change of password takes two, within the 10 ms of
 * the free plan. These are accounts of tests. The number stands
 * with every hash, but only hashes of this number are compared: whoever changes it lets users set new passwords.
 */
const ITERATIONS = 10_000

const encoder = new TextEncoder()

/**
 * Parameters and PBKDF2-SHA256 hash of `password`. The salt is the digest of partition and user, so that the database
 * can compare with what it keeps and need not be asked for a salt first.
 */
export async function hashPassword({ partition, user }: UserKey, password: string): Promise<string> {
  const owner = encoder.encode(`${foldId(partition)}\n${foldId(user)}`)
  const [salt, key] = await Promise.all([
    crypto.subtle.digest('SHA-256', owner),
    crypto.subtle.importKey('raw', encoder.encode(password), 'PBKDF2', false, ['deriveBits']),
  ])
  const bits = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ITERATIONS },
    key,
    256,
  )
  return `pbkdf2-sha256$${ITERATIONS}$${btoa(String.fromCharCode(...new Uint8Array(bits)))}`
}

/**
 * What complexity rules ask about a password, as JSON for the database to compare with the partition's rule.
 * Real server: these expressions stand in the stored rule.
 */
export const featuresOf = (password: string): string =>
  JSON.stringify({
    length: password.length,
    special: /[^a-zA-Z\d]/.test(password),
    digit: /\d/.test(password),
    lower: /[a-z]/.test(password),
    upper: /[A-Z]/.test(password),
  })
