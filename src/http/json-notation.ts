// The smallest parts of JSON as Newtonsoft's reader has them: white space, words, numbers, and how it writes down where it is.
import type { Scalar } from './json-target.ts'
import type { Errors } from './unknown-names.ts'

/** .NET's white space: with U+0085, and without the byte order mark. */
export const isSpace = (character: string) => /[\s\u0085]/.test(character) && character !== '\ufeff'

/** Each is told by how it begins. */
export const WORDS: (Scalar & { begins: string })[] = [
  { begins: 't', is: 'boolean', value: true, source: 'true' },
  { begins: 'f', is: 'boolean', value: false, source: 'false' },
  { begins: 'nu', is: 'null', value: null, source: 'null' },
  { begins: 'u', is: 'null', value: null, source: 'undefined' },
  { begins: 'N', is: 'number', value: Number.NaN, source: 'NaN' },
  { begins: 'I', is: 'number', value: Number.POSITIVE_INFINITY, source: 'Infinity' },
  { begins: '-I', is: 'number', value: Number.NEGATIVE_INFINITY, source: '-Infinity' },
]

/** What is matched at the place where the reader stands, save the separator, which is one character. */
export const PATTERNS = {
  identifier: /[\p{L}\p{Nd}_$]+/uy,
  number: /[-+0-9a-fA-FxX.]+/y,
  separator: /[\s\u0085,}\]/]/,
  /** Inside quotes, up to what needs a second look. */
  plain: { '"': /[^"\\\r\n]+/y, "'": /[^'\\\r\n]+/y },
}

/** What stands for what behind a backslash. */
export const ESCAPES: ReadonlyMap<string, string> = new Map([
  ...['\\', '"', "'", '/'].map((itself) => [itself, itself] as const),
  ...Object.entries({ b: '\b', t: '\t', n: '\n', f: '\f', r: '\r' }),
])

/** A name, an index, or undefined in what was only just opened. */
export type Step = string | number | undefined

/** Names with one of these stand in brackets in a path. */
const SPECIAL = /[. '/"[\]()\t\n\r\f\b\\\u0085\u2028\u2029]/

/** As in `settings[0].value`, or `['a name'][1]`. */
export function pathText(path: readonly Step[]): string {
  return path.reduce<string>((text, step) => {
    if (step === undefined) return text
    if (typeof step === 'number') return `${text}[${step}]`
    if (!SPECIAL.test(step)) return text === '' ? step : `${text}.${step}`
    return `${text}['${JSON.stringify(step).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}']`
  }, '')
}

const DECIMAL = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/** Also hexadecimal behind 0x and octal behind 0; undefined for what is no number. */
export function numberOf(source: string): number | undefined {
  if (/^0x/i.test(source)) return /^0x[0-9a-f]{1,16}$/i.test(source) ? Number(source) : undefined
  if (/^0[^.e]/i.test(source)) return /^[0-7]{1,22}$/.test(source) ? Number.parseInt(source, 8) : undefined
  return DECIMAL.test(source) ? Number(source) : undefined
}

/** Real server: the framework's limit to what it tells of one request. */
const MAX_ERRORS = 200

/** What is wrong with a document, by path. */
export class ErrorList {
  readonly #errors = new Map<string, string[]>()
  #told = 0

  note(path: string, message: string) {
    this.#told += 1
    if (this.#told > MAX_ERRORS) return
    const before = this.#errors.get(path)
    if (before) before.push(message)
    else this.#errors.set(path, [message])
  }

  all = (): Errors => Object.fromEntries(this.#errors)
}
