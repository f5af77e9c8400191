// The one setting whose value the server rewrites.
import * as z from 'zod/mini'
import { targetOf } from '../http/json-target.ts'
import { readLeniently } from '../http/lenient-json.ts'

export const PASSWORD_COMPLEXITY = 'Auth.Password.PasswordComplexity'

const flag = z._default(z.boolean(), false)

// Assumed: what is left out is false, or 1; the value is read as bodies are. Real server: Length comes as a number or in a
// string (documented request), and is 1 to 256 (documented).
const Requested = z.object({
  HasDigit: flag,
  HasLowercase: flag,
  HasSpecialCharacter: flag,
  HasUppercase: flag,
  Length: z._default(
    z.union([
      z.int().check(z.minimum(1), z.maximum(256)),
      z.pipe(
        z.string().check(z.regex(/^ *\d{1,3} *$/)),
        z.pipe(z.transform(Number), z.int().check(z.minimum(1), z.maximum(256))),
      ),
    ]),
    1,
  ),
})

/**
 * The stored form of a password complexity rule, or undefined if `value` is no such rule.
 * Real server: compact JSON, PascalCase, this order, all regular expressions whatever the flags (documented response).
 */
export function normalizePasswordComplexity(value: string | null): string | undefined {
  const { value: given, errors } = readLeniently(value ?? '', targetOf(Requested))
  const parsed = Requested.safeParse(given)
  if (!parsed.success || Object.keys(errors).length > 0) return undefined
  const { HasDigit, HasLowercase, HasSpecialCharacter, HasUppercase, Length } = parsed.data
  const lookaheads = {
    HasDigitRegex: '(?=.*\\d)',
    HasLowercaseRegex: '(?=.*[a-z])',
    HasSpecialCharacterRegex: '(?=.*[^a-zA-Z\\d])',
    HasUppercaseRegex: '(?=.*[A-Z])',
  }
  const LengthRegex = `{${Length},}`
  const enabled = [
    HasDigit && lookaheads.HasDigitRegex,
    HasLowercase && lookaheads.HasLowercaseRegex,
    HasSpecialCharacter && lookaheads.HasSpecialCharacterRegex,
    HasUppercase && lookaheads.HasUppercaseRegex,
  ].filter((lookahead) => lookahead !== false)
  const Regex = `${enabled.join('')}.${LengthRegex}`
  return JSON.stringify({ ...parsed.data, RegexComplexity: { ...lookaheads, LengthRegex, Regex } })
}
