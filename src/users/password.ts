// Derives from a password the hash that is stored and the features that complexity rules compare. The password itself is
// neither stored nor passed on.
import { foldId } from '../http/identifier.ts'
import type { UserKey } from './user.queries.ts'

/**
 * PBKDF2 iterations. Few, because a hash takes 1.6 ms of CPU in workerd where this was measured, a change of password
 * computes two, and the free plan allows 10 ms a request; the accounts are those of tests. The number is stored with each
 * hash, but hashes of another number never match: after a change of it users have to set new passwords.
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
