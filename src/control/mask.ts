// Takes what is secret out of bodies and URLs before they are written down.

const SECRET_NAME = /password|passwd|secret|token|credential|authorization|api_?key|private/i
const MASK = '***'

/**
 * A copy of a JSON value without its secrets: properties that are named like one, and values of settings whose key is.
 * JSON in a text, as some settings have it, is looked through as well.
 */
export function maskJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskJson)
  if (typeof value === 'string') return maskText(value)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const key = entries.find(([name]) => name.toLowerCase() === 'key')?.[1]
  const secretSetting = typeof key === 'string' && SECRET_NAME.test(key)
  return Object.fromEntries(
    entries.map(([name, inner]) => {
      const secret = SECRET_NAME.test(name) || (secretSetting && name.toLowerCase() === 'value')
      return [name, secret && inner !== null && typeof inner !== 'boolean' ? MASK : maskJson(inner)]
    }),
  )
}

function maskText(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text
  try {
    return JSON.stringify(maskJson(JSON.parse(text)))
  } catch {
    return text
  }
}

/** A path with its query, in which the values of parameters that are named like secrets are masked. */
export const maskPath = (path: string) =>
  path.replace(/([?&])([^=&]*)=([^&]*)/g, (parameter, mark: string, name: string) =>
    SECRET_NAME.test(decode(name)) ? `${mark}${name}=${MASK}` : parameter,
  )

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
