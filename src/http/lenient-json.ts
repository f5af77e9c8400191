// Reads JSON as Newtonsoft's JsonTextReader does, for bodies that JSON.parse or a schema refuses: comments, trailing
// commas, single quotes, names without quotes, text behind the value, and a true position in what is refused.
// Real server: this reader, its texts, and the framework's depth of 32 (captured error bodies; its published source).
import { MAX_DEPTH } from './fold-names.ts'
import { ErrorList, ESCAPES, isSpace, numberOf, PATTERNS, pathText, type Step, WORDS } from './json-notation.ts'
import { convert, type Scalar, type Target } from './json-target.ts'
import type { Errors } from './unknown-names.ts'

export interface Read {
  /** Undefined for a text without any value. */
  readonly value: unknown
  /** By the path of what could not be read. A value that has any is of no use. */
  readonly errors: Errors
}

/** Told of every scalar; `place` says where it is, as `path` and as the end of an error's text. */
export type Visitor = (scalar: Scalar, place: () => { path: string; where: string }) => void

const ANY: Target = { is: 'any' }

/** Reads the first value of `text` for `target`. What follows the value is not looked at. */
export function readLeniently(text: string, target: Target = ANY, visit?: Visitor): Read {
  const errors = new ErrorList()
  return { value: new Reader(text, errors, visit).read(target), errors: errors.all() }
}

/** Thrown for what cannot be read on from. It has been noted. */
class Unreadable extends Error {}

class Reader {
  readonly #text: string
  readonly #visit: Visitor | undefined
  readonly #errors: ErrorList
  #at = 0
  #line = 1
  #lineStart = 0
  /** For each object and list that is open, the name or the index read last. */
  readonly #path: Step[] = []

  constructor(text: string, errors: ErrorList, visit: Visitor | undefined) {
    this.#text = text
    this.#errors = errors
    this.#visit = visit
  }

  read(target: Target): unknown {
    try {
      this.#skip()
      return this.#current === '' ? undefined : this.#value(target)
    } catch (error) {
      if (error instanceof Unreadable) return undefined
      throw error
    }
  }

  get #current(): string {
    return this.#text[this.#at] ?? ''
  }

  /** Real server: before anything is read, it is on line 0. */
  #where = () =>
    `Path '${pathText(this.#path)}', line ${this.#at === 0 ? 0 : this.#line}, position ${this.#at - this.#lineStart}.`

  #note = (message: string) => this.#errors.note(pathText(this.#path), `${message} ${this.#where()}`)

  #fail(message: string): never {
    this.#note(message)
    throw new Unreadable()
  }

  /** @param ahead how far behind the character's beginning the reader stands by then */
  #unexpected(ahead: number): never {
    const character = this.#current
    if (character === '') this.#fail('Unexpected end when reading JSON.')
    this.#at += ahead
    this.#fail(`Unexpected character encountered while parsing value: ${character}.`)
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const [found = ''] = pattern.exec(this.#text) ?? []
    this.#at += found.length
    return found
  }

  /** Steps over a character. A carriage return and the line feed after it end one line together. */
  #step() {
    const character = this.#text[this.#at]
    this.#at += 1
    if (character !== '\n' && (character !== '\r' || this.#current === '\n')) return
    this.#line += 1
    this.#lineStart = this.#at
  }

  #skipSpace() {
    while (isSpace(this.#current)) this.#step()
  }

  #skip() {
    this.#skipSpace()
    for (; this.#current === '/'; this.#skipSpace()) this.#comment()
  }

  #comment() {
    this.#at += 1
    const kind = this.#current
    if (kind !== '*' && kind !== '/') this.#fail(`Error parsing comment. Expected: *, got ${kind}.`)
    this.#at += 1
    if (kind === '/') return void this.#match(/[^\r\n]+/y)
    while (!this.#text.startsWith('*/', this.#at)) {
      if (this.#current === '') this.#fail('Unexpected end while parsing comment.')
      this.#step()
    }
    this.#at += 2
  }

  #value(target: Target): unknown {
    this.#skip()
    const isTyped = target.is === 'text' || target.is === 'flag' || target.is === 'integer'
    if (this.#current === '{' && !isTyped) return this.#object(target)
    if (this.#current === '[' && !isTyped) return this.#array(target.is === 'list' ? target.of : ANY)
    const scalar = this.#scalar(isTyped, target.is === 'flag')
    this.#visit?.(scalar, () => ({ path: pathText(this.#path), where: this.#where() }))
    const { value, wrong } = convert(scalar, target)
    if (wrong !== undefined) this.#note(wrong)
    return value
  }

  #object(target: Target): unknown {
    const entries: [string, unknown][] = []
    this.#open()
    while (this.#hasMore('}', 'object')) {
      const name = this.#name()
      this.#path[this.#path.length - 1] = name
      // What an object's type does not name is read all the same, and dropped.
      const known = target.is === 'object' ? target.property(name) : undefined
      const value = this.#value(known?.target ?? (target.is === 'map' ? target.of : ANY))
      if (known) entries.push([known.name, value])
      else if (target.is !== 'object') entries.push([name, value])
    }
    return Object.fromEntries(entries)
  }

  #array(element: Target): unknown[] {
    const items: unknown[] = []
    this.#open()
    while (this.#hasMore(']', 'array')) {
      this.#path[this.#path.length - 1] = items.length
      items.push(this.#value(element))
    }
    return items
  }

  #open() {
    this.#at += 1
    // Also what keeps the recursion here shallow.
    if (this.#path.length >= MAX_DEPTH) this.#fail(`The reader's MaxDepth of ${MAX_DEPTH} has been exceeded.`)
    this.#path.push(undefined)
  }

  /** Steps over the comma before the next value, or closes what is open. A comma may stand before the end. */
  #hasMore(end: string, kind: string): boolean {
    this.#skip()
    const isFirst = this.#path.at(-1) === undefined
    if (!isFirst && this.#current === ',') {
      this.#at += 1
      this.#skip()
    } else if (!isFirst && this.#current !== end && this.#current !== '') {
      this.#fail(`After parsing a value an unexpected character was encountered: ${this.#current}.`)
    }
    if (this.#current === '') this.#fail(`Unexpected end when deserializing ${kind}.`)
    if (this.#current !== end) return true
    this.#at += 1
    this.#path.pop()
    return false
  }

  #name(): string {
    const quote = this.#current
    const name = quote === '"' || quote === "'" ? this.#string(quote) : this.#match(PATTERNS.identifier)
    if (name === '' && quote !== '"' && quote !== "'") this.#fail(`Invalid property identifier character: ${quote}.`)
    this.#skipSpace()
    if (this.#current !== ':') {
      this.#fail(`Invalid character after parsing property name. Expected ':' but got: ${this.#current}.`)
    }
    this.#at += 1
    return name
  }

  #scalar(isTyped: boolean, isFlag: boolean): Scalar {
    const begins = this.#current
    if (begins === '"' || begins === "'") return { is: 'string', value: this.#string(begins), source: '' }
    const word = WORDS.find(({ begins }) => this.#text.startsWith(begins, this.#at))
    if (word && !(isFlag && word.is === 'number') && !(isTyped && word.source === 'undefined')) return this.#word(word)
    if (/[-.0-9]/.test(begins)) return this.#number()
    // Nothing between commas is undefined, unless a type is meant.
    if (begins === ',' && !isTyped) return { is: 'null', value: null, source: '' }
    if (begins === 'n' && isTyped) this.#at += 1
    return this.#unexpected(isTyped ? 1 : 0)
  }

  #word(word: Scalar): Scalar {
    for (const character of word.source) {
      if (this.#current !== character) this.#unexpected(0)
      this.#at += 1
    }
    return this.#current === '' || PATTERNS.separator.test(this.#current) ? word : this.#unexpected(0)
  }

  #number(): Scalar {
    const source = this.#match(PATTERNS.number)
    if (this.#current !== '' && !PATTERNS.separator.test(this.#current)) {
      this.#fail(`Unexpected character encountered while parsing number: ${this.#current}.`)
    }
    const value = numberOf(source)
    if (value === undefined) this.#fail(`Input string '${source}' is not a valid number.`)
    return { is: 'number', value, source }
  }

  #string(quote: '"' | "'"): string {
    this.#at += 1
    const parts: string[] = []
    for (;;) {
      parts.push(this.#match(PATTERNS.plain[quote]))
      const character = this.#current
      if (character === '') this.#fail(`Unterminated string. Expected delimiter: ${quote}.`)
      if (character === '\\') parts.push(this.#escape(quote))
      else {
        this.#step()
        if (character === quote) return parts.join('')
        parts.push(character)
      }
    }
  }

  #escape(quote: string): string {
    const kind = this.#text[this.#at + 1]
    this.#at += 2
    if (kind === undefined) this.#fail(`Unterminated string. Expected delimiter: ${quote}.`)
    if (kind !== 'u') return ESCAPES.get(kind) ?? this.#fail(`Bad JSON escape sequence: \\${kind}.`)
    const digits = this.#text.slice(this.#at, this.#at + 4)
    if (digits.length < 4) this.#fail('Unexpected end while parsing Unicode escape sequence.')
    if (!/^[0-9a-f]{4}$/i.test(digits)) this.#fail(`Invalid Unicode escape sequence: \\u${digits}.`)
    this.#at += 4
    return String.fromCharCode(Number.parseInt(digits, 16))
  }
}
