// The one setting whose value the server rewrites.
import * as z from 'zod/mini'
import { foldNames } from '../http/fold-names.ts'

export const PASSWORD_COMPLEXITY = 'Auth.Password.PasswordComplexity'

const flag = z._default(z.boolean(), false)

// Assumed: what is left out is false, or 1. Real server: Length comes as a number or in a string (documented request), and
// is 1 to 256 (documented).
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

const fold = foldNames(Requested)

/**
 * The stored form of a password complexity rule, or undefined if `value` is no such rule.
 * Real server: compact JSON, PascalCase, this order, all regular expressions whatever the flags (documented response).
 */
export function normalizePasswordComplexity(value: string | null): string | undefined {
  const parsed = Requested.safeParse(fold(parseJson(value)))
  if (!parsed.success) return undefined
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

function parseJson(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
