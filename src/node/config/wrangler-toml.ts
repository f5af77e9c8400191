// Typed access to wrangler.toml: each value is read with the type it must have, and an error is one line with the file and
// line. wrangler's own reader is not used, because importing it takes longer than a whole start.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import { messageOf } from '../error-details.ts'
import { StartFailure } from '../start-failure.ts'

type Path = readonly (string | number)[]

/** A parsed wrangler.toml. Paths are keys and list indices: `text('d1_databases', 0, 'binding')`. */
export class WranglerToml {
  readonly table: Readonly<Record<string, unknown>>
  readonly #file: string
  readonly #text: string

  /** @throws StartFailure when the file cannot be read, or is not TOML */
  constructor(file: string) {
    const near = relative(process.cwd(), file)
    this.#file = near.startsWith('..') ? file : near
    try {
      this.#text = readFileSync(file, 'utf8')
    } catch (error) {
      throw new StartFailure(`${this.#file} cannot be read: ${messageOf(error)}`)
    }
    try {
      this.table = parse(this.#text)
    } catch (error) {
      const [reason = ''] = messageOf(error).split('\n')
      throw new StartFailure(`${this.#file}:${error instanceof TomlError ? error.line : 1}: ${reason}`)
    }
  }

  /** A string. @throws StartFailure when it is missing, or not a string */
  text(...path: Path): string {
    const value = valueAt(this.table, path)
    return typeof value === 'string' ? value : this.#refuse(path, 'a string', value)
  }

  /** A list of strings; an empty one when it is missing. @throws StartFailure when it is not a list of strings */
  texts(...path: Path): string[] {
    const value = valueAt(this.table, path) ?? []
    return isListOf(value, isText) ? value : this.#refuse(path, 'a list of strings', value)
  }

  /** A table; an empty one when it is missing. @throws StartFailure when it is not a table */
  subtable(...path: Path): Readonly<Record<string, unknown>> {
    const value = valueAt(this.table, path) ?? {}
    return isTable(value) ? value : this.#refuse(path, 'a table', value)
  }

  /** The number of tables in the list `[[path]]`. @throws StartFailure when it is not a list of tables */
  count(...path: Path): number {
    const value = valueAt(this.table, path) ?? []
    return isListOf(value, isTable) ? value.length : this.#refuse(path, 'a list of tables', value)
  }

  /** An error in one line, `file:line: reason`, with the line of `path`. */
  failure(path: Path, reason: string): StartFailure {
    return new StartFailure(`${this.#file}:${this.#lineOf(path)}: ${reason}`)
  }

  #refuse(path: Path, wanted: string, value: unknown): never {
    const name = nameOf(path)
    if (value !== undefined) throw this.failure(path, `${name} must be ${wanted}`)
    throw this.failure(path.slice(0, -1), `${name} is missing`)
  }

  /**
   * The line on which the value at `path` ends. The parser reports no positions, so the file is parsed up to line 1, 2, 3
   * and so on until a value is there. 0 when none ever is.
   */
  #lineOf(path: Path): number {
    const lines = this.#text.split('\n')
    const count = lines.findIndex((_, index) => {
      try {
        return valueAt(parse(lines.slice(0, index + 1).join('\n')), path) !== undefined
      } catch {
        return false
      }
    })
    return count + 1
  }
}

const isText = (value: unknown): value is string => typeof value === 'string'

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isListOf = <Item>(value: unknown, isItem: (item: unknown) => item is Item): value is Item[] =>
  Array.isArray(value) && value.every(isItem)

function valueAt(root: unknown, path: Path): unknown {
  let value = root
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = Reflect.get(value, step)
  }
  return value
}

/** A path as it is written in messages: `d1_databases[0].binding`. */
const nameOf = (path: Path) =>
  path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('')
