// The one setting whose value the server rewrites.
import * as z from 'zod/mini'
import { parseJson } from '../http/json-body.ts'
import { targetOf } from '../http/json-target.ts'
import { readLeniently } from '../http/lenient-json.ts'

export const PASSWORD_COMPLEXITY = 'Auth.Password.PasswordComplexity'

const flag = z._default(z.boolean(), false)

// Assumed: what is left out is false, or 1; the value is read as bodies are. Real server: Length comes as a number or in a
// string (documented request), and is 1 to 256 (documented).
const shape = {
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
}

const Requested = z.object(shape)

/** With the names as they are documented, and those that the server adds: such a value reads the same in either way. */
const Documented = z.strictObject({
  ...shape,
  RegexComplexity: z.optional(z.record(z.string(), z.string())),
})

/** The rule in a setting's value; undefined if it is none. */
function requestedBy(value: string): z.infer<typeof Requested> | undefined {
  const documented = Documented.safeParse(parseJson(value)?.value)
  if (documented.success) return documented.data
  const { value: given, errors } = readLeniently(value, targetOf(Requested))
  const { data } = Requested.safeParse(given)
  return Object.keys(errors).length > 0 ? undefined : data
}

/**
 * The stored form of a password complexity rule, or undefined if `value` is no such rule.
 * Real server: compact JSON, PascalCase, this order, all regular expressions whatever the flags (documented response).
 */
export function normalizePasswordComplexity(value: string | null): string | undefined {
  const requested = requestedBy(value ?? '')
  if (!requested) return undefined
  const { HasDigit, HasLowercase, HasSpecialCharacter, HasUppercase, Length } = requested
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
  const flags = { HasDigit, HasLowercase, HasSpecialCharacter, HasUppercase }
  return JSON.stringify({ ...flags, Length, RegexComplexity: { ...lookaheads, LengthRegex, Regex } })
}
