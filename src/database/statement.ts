// SQL written once per isolate: named placeholders in, numbered parameters out. Nothing here talks to D1.
import { Placeholder, type SQL } from 'drizzle-orm'
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core'

/** What may be bound to a placeholder. Lists go in as one JSON text, read with `json_each`. */
export type Value = string | number | null

/** A statement that takes `Values` and gives `Row`s, whose property names are its column aliases. */
export interface Statement<Values extends Record<keyof Values, Value>, Row> {
  readonly sql: string
  /** No other statement of the isolate has it. */
  readonly number: number
  /** The placeholder behind each parameter: `?1` is the first. */
  readonly names: readonly string[]
  /** Whether it changes anything. */
  readonly writes: boolean
  /** Carries the types alone; it is never called. */
  readonly types?: (values: Values) => Row
}

let statements = 0

const dialect = new SQLiteAsyncDialect({ casing: 'snake_case' })

/**
 * Compiles `query` on first use. A placeholder that stands in it several times is bound once.
 *
 * @example
 * const findGroup = statement<{ group: string }, { name: string }>(
 *   () => sql`select ${groups.name} as "name" from ${groups} where ${groups.id} = ${sql.placeholder('group')}`,
 * )
 */
export function statement<Values extends Record<keyof Values, Value>, Row = never>(
  query: () => SQL,
): Statement<Values, Row> {
  let compiled: Compiled | undefined
  const compile = () => {
    compiled ??= numbered(dialect.sqlToQuery(query()))
    return compiled
  }
  const number = ++statements
  return {
    number,
    get sql() {
      return compile().sql
    },
    get names() {
      return compile().names
    },
    get writes() {
      return compile().writes
    },
  }
}

interface Compiled {
  sql: string
  names: readonly string[]
  writes: boolean
}

function numbered(query: { sql: string; params: unknown[] }): Compiled {
  const names: string[] = []
  let next = 0
  const sql = query.sql
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/\?/g, () => {
      const parameter = query.params[next++]
      if (!(parameter instanceof Placeholder)) throw new TypeError('a statement takes placeholders only')
      const name = String(parameter.name)
      if (!names.includes(name)) names.push(name)
      return `?${names.indexOf(name) + 1}`
    })
  return { sql, names, writes: !/^select\b/i.test(sql) }
}
