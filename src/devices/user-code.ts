// What the user of a device types in: nine digits.
import { base64url } from 'jose'

const [LOWEST, COUNT] = [100_000_000, 900_000_000]

/** Real server: nine digits, the first no zero (its framework's source). */
export function newUserCode(): string {
  // Of 32 random bits those above the largest multiple of the count are drawn again, so that every code is as likely.
  const limit = 2 ** 32 - (2 ** 32 % COUNT)
  for (;;) {
    const [drawn = limit] = crypto.getRandomValues(new Uint32Array(1))
    if (drawn < limit) return String(LOWEST + (drawn % COUNT))
  }
}

/** The digits of a code as a user types it, with spaces or hyphens between; undefined for anything else. */
export function readUserCode(typed: string): string | undefined {
  const digits = typed.replace(/[\s-]/g, '')
  return /^\d{9}$/.test(digits) ? digits : undefined
}

/** By which the database knows it. */
export const hashUserCode = async (code: string) =>
  base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(code))))
