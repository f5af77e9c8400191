// Takes what is secret out of bodies and URLs before they are written down.
import { isMasked } from '../secrets/is-secret.ts'

const MASK = '***'

/** Properties, in any case, that name what the property `value` beside them holds. */
const KEYS: readonly string[] = ['key', 'name']

type Pair = readonly [name: string, value: unknown]

/**
 * A copy of a JSON value without its secrets: properties that are named like one, and the `value` of an object whose `key` is.
 * JSON in a text, as some settings have it, is looked through as well.
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
 * Which names among these pairs have a secret for a value. Of several spellings of one name the API heeds the last: any of
 * them is reason enough here.
 */
function isSecretIn(pairs: readonly Pair[]): (name: string) => boolean {
  const keyed = pairs.some(
    ([name, given]) =>
      KEYS.includes(name.toLowerCase()) &&
      (Array.isArray(given) ? given : [given]).some((key) => typeof key === 'string' && isMasked(key)),
  )
  return (name) => isMasked(name) || (keyed && name.toLowerCase() === 'value')
}

// Whether there is a secret, and whether something is allowed, is none.
const maskWhole = (value: unknown) => (value === null || typeof value === 'boolean' ? value : MASK)

/** JSON in a text without its secrets; a text that has none, or is no JSON, as it stands. */
function maskText(text: string): string {
  if (!/^\s*[[{"]/.test(text)) return text
  try {
    const value: unknown = JSON.parse(text)
    const masked = JSON.stringify(maskJson(value))
    return masked === JSON.stringify(value) ? text : masked
  } catch {
    return text
  }
}

/** A path with its query, in which the values of parameters are masked as those of properties are. */
export function maskPath(path: string): string {
  const [before = '', ...rest] = path.split('?')
  if (rest.length === 0) return path
  // Read as the API reads them, which forgives what is not encoded well.
  const parameters = rest
    .join('?')
    .split('&')
    .map((text) => ({ text, pair: [...new URLSearchParams(text)][0] }))
  const secret = isSecretIn(parameters.flatMap(({ pair }) => (pair ? [pair] : [])))
  const masked = parameters.map(({ text, pair }) => {
    if (!pair) return text
    const [name, value] = pair
    if (secret(name)) return `${text.split('=')[0]}=${MASK}`
    const inner = maskText(value)
    return inner === value ? text : `${text.split('=')[0]}=${encodeURIComponent(inner)}`
  })
  return `${before}?${masked.join('&')}`
}
