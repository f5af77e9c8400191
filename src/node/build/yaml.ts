// Writes a JSON value as YAML.

/** Texts that need no quotes: they begin like a word, and no reader takes them for anything but a text. */
const PLAIN = /^(?!(?:true|false|null|yes|no|on|off|y|n)$)[a-z_/$][\w/${}.-]*(?: [\w/${}.(,-][\w/${}.(),;-]*)*$/i

const scalar = (value: unknown) => (typeof value === 'string' && PLAIN.test(value) ? value : JSON.stringify(value))

/**
 * `value` in block style.
 *
 * @example
 * yaml({ tags: ['Group'], paths: {} }) // 'tags:\n  - Group\npaths: {}\n'
 */
export const yaml = (value: unknown): string => `${block(value, '').trimStart()}\n`

function block(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return ` ${scalar(value)}`
  if (Array.isArray(value)) return value.map((item) => `\n${indent}-${nested(item, `${indent}  `)}`).join('')
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .map(([name, inner]) => `\n${indent}${scalar(name)}:${block(inner, `${indent}  `)}`)
    .join('')
}

/** What stands behind the dash of a list: the first line of an object is on the same line. */
const nested = (item: unknown, indent: string) => block(item, indent).replace(/^\n */, ' ')
