// Masks secrets in bodies and URLs before they are written to the journal.
import { isMasked } from '../../secrets/is-secret.ts'

const MASK = '***'

/** Properties, in any case, that hold the name of a setting or secret, where `value` of the same object holds its value. */
const KEYS: readonly string[] = ['key', 'name']

type Pair = readonly [name: string, value: unknown]

/**
 * A copy of a JSON value in which secrets are replaced by `***`: properties with the name of a secret, and the `value` of an
 * object whose `key` or `name` is one. Texts that are JSON themselves, as some settings are, are masked inside.
 *
 * @example
 * maskJson({ key: 'Smtp.Password', value: 'x' }) // { key: 'Smtp.Password', value: '***' }
 */
export function maskJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskJson)
  if (typeof value === 'string') return maskText(value)
  if (typeof value !== 'object' || value === null) return value
  const pairs = Object.entries(value)
  const secret = isSecretIn(pairs)
  return Object.fromEntries(pairs.map(([name, inner]) => [name, secret(name) ? maskWhole(inner) : maskJson(inner)]))
}

/**
 * Tells which of an object's properties have a secret as their value. An object may have `key` in several spellings, of
 * which the API reads one: if any of them names a secret, `value` is masked.
 */
function isSecretIn(pairs: readonly Pair[]): (name: string) => boolean {
  const keyed = pairs.some(
    ([name, given]) =>
      KEYS.includes(name.toLowerCase()) &&
      (Array.isArray(given) ? given : [given]).some((key) => typeof key === 'string' && isMasked(key)),
  )
  return (name) => isMasked(name) || (keyed && name.toLowerCase() === 'value')
}

// Null and booleans stay: that there is no secret, or that something is switched on, is worth knowing and reveals nothing.
const maskWhole = (value: unknown) => (value === null || typeof value === 'boolean' ? value : MASK)

/** A text that is JSON, or an address with a query, with its secrets masked; any other, and one without secrets, unchanged. */
function maskText(text: string): string {
  if (WITH_QUERY.test(text)) return maskPath(text)
  if (!/^\s*[[{"]/.test(text)) return text
  try {
    const value: unknown = JSON.parse(text)
    const masked = JSON.stringify(maskJson(value))
    return masked === JSON.stringify(value) ? text : masked
  } catch {
    return text
  }
}

/** An authorization code. Only in a query: an error's `code` in a body says which error it is. */
const CODE = /^code$/i

/** A path or address with a query, such as where a sign-in goes on. */
const WITH_QUERY = /^(?:\/|https?:\/\/)[^?]*\?/i

/** A path whose query parameters are masked as the properties of an object are, those of paths in them as well. */
export function maskPath(path: string): string {
  const [before = '', ...rest] = path.split('?')
  if (rest.length === 0) return path
  // Decoded by URLSearchParams as the API does: a stricter reader would take a badly encoded name for another.
  const parameters = rest
    .join('?')
    .split('&')
    .map((text) => ({ text, pair: [...new URLSearchParams(text)][0] }))
  const secret = isSecretIn(parameters.flatMap(({ pair }) => (pair ? [pair] : [])))
  const masked = parameters.map(({ text, pair }) => {
    if (!pair) return text
    const [name, value] = pair
    if (secret(name) || CODE.test(name)) return `${text.split('=')[0]}=${MASK}`
    const inner = maskText(value)
    return inner === value ? text : `${text.split('=')[0]}=${encodeURIComponent(inner)}`
  })
  return `${before}?${masked.join('&')}`
}
