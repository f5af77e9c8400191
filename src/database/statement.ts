// Typed statements: SQL with named slots for values, compiled once per isolate to SQL with numbered parameters. Nothing here
// talks to D1.
import { is, Param, Placeholder, SQL } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import {
  type Built,
  type Decode,
  decoderOf,
  dialect,
  encoderOf,
  type Fields,
  nameColumns,
  type RowOf,
  selectList,
} from './query-builder.ts'

/** A value for a slot. Booleans are stored as 0 or 1; lists are passed as one JSON text and read with `json_each`. */
export type Value = string | number | boolean | null

/** The placeholders of a statement, by the names of `Values`. Any other name does not compile. */
export type Slots<Values> = { readonly [Name in keyof Values]: Placeholder<string, Values[Name]> }

/** A column of that type. A column that may be null is not accepted for a type without null. */
type ColumnOf<Type> = SQLiteColumn & {
  readonly _: { readonly data: Type; readonly notNull: null extends Type ? boolean : true }
}

/**
 * What a property of a row may be selected from: a column of its type, or SQL, whose type is asserted. Not SQL for a
 * boolean: a comparison in SQL returns 0 or 1.
 */
type Field<Type> = ColumnOf<Type> | (true extends Type ? never : SQL<Type>)

/** Renders a select list, or what follows `returning`, whose columns have the names of `Row`'s properties. */
export type SelectRow<Row> = (fields: { readonly [Name in keyof Row]-?: Field<Row[Name]> }) => SQL

/** A value as D1 takes it. */
export type Stored = string | number | null

/** A numbered parameter. */
export interface Parameter {
  readonly name: string
  /** Encodes the value as its column stores it, where the builder inserts or sets a column. */
  readonly encode?: ((value: string | number | boolean) => unknown) | undefined
}

/** A statement that takes `Values` and gives `Row`s. */
export interface Statement<Values, Row> {
  readonly sql: string
  /** Identifies the statement within the isolate. */
  readonly number: number
  /** The parameters in order: `?1` is the first. */
  readonly parameters: readonly Parameter[]
  /** Whether it changes anything. */
  readonly writes: boolean
  /** The name of the value that is the one partition it reads or writes; undefined if it may be any. */
  readonly touches: string | undefined
  /** As of its {@link Scope}. */
  readonly ownSettings: boolean
  /** Turns a row of D1's into a `Row`; undefined where no column needs it. */
  readonly decode: Decode | undefined
  /** Carries the types alone; it is never called. */
  readonly types?: (values: Values) => Row
}

export interface Scope<Values> {
  /**
   * The name of the value that is the one partition the statement reads or writes, itself and by cascade. Local runs
   * cache the rows of a read until its partition is written to. A read without `touches` is cached until any write, and
   * a write without it empties the whole cache. A statement that touches other partitions than it says gives stale rows.
   */
  readonly touches?: keyof Values & string
  /**
   * Of what a copy of the partition has, it touches nothing but the partition's own settings, those of no user. Local
   * runs make these without the rest.
   */
  readonly ownSettings?: boolean
}

let statements = 0

/**
 * A statement written in SQL. `v` has a slot for each of `Values`. A statement that returns rows writes its select list with
 * `row`: each property of `Row` is selected under its own name and decoded as its column's type.
 *
 * @throws TypeError at first use, if it has a value that is neither a slot nor SQL, returns rows without `row` or with it in
 *   a subquery alone, or begins with anything but select, insert, update or delete
 * @example
 * const findGroup = statement<{ partition: string; group: string }, { name: string }>(
 *   (v, row) => sql`
 *     select ${row({ name: groups.name })} from ${groups}
 *     where ${groups.partitionId} = ${v.partition} and ${groups.id} = ${v.group}`,
 *   { touches: 'partition' },
 * )
 */
export function statement<Values, Row = never>(
  query: (v: Slots<Values>, row: SelectRow<Row>) => SQL,
  scope?: Scope<Values>,
): Statement<Values, Row>
/**
 * A statement written with Drizzle's query builder. The type of its rows is inferred from the select list. Constants become
 * part of the SQL.
 *
 * @throws TypeError at first use, if it selects from several tables without naming the columns
 * @example
 * const findGroup = statement(
 *   (v: Slots<{ partition: string; group: string }>) =>
 *     select({ name: groups.name }).from(groups).where(and(eq(groups.partitionId, v.partition), eq(groups.id, v.group))),
 *   { touches: 'partition' },
 * )
 */
export function statement<Values, Query extends Built>(
  query: (v: Slots<Values>) => Query,
  scope?: Scope<Values>,
): Statement<Values, RowOf<Query>>
export function statement<Values, Row>(
  query: (v: Slots<Values>, row: SelectRow<Row>) => SQL | Built,
  { touches, ownSettings = false }: Scope<Values> = {},
): Statement<Values, Row> {
  let compiled: Compiled | undefined
  const compile = () => {
    compiled ??= compiledFrom(query)
    return compiled
  }
  return {
    number: ++statements,
    touches,
    ownSettings,
    get sql() {
      return compile().sql
    },
    get parameters() {
      return compile().parameters
    },
    get writes() {
      return compile().writes
    },
    get decode() {
      return compile().decode
    },
  }
}

type Compiled = Pick<Statement<never, never>, 'sql' | 'parameters' | 'writes' | 'decode'>

/** A placeholder for any name that is asked for; the types let only those of `Values` be asked for. */
const slotsFor = <Values>(): Slots<Values> =>
  new Proxy(
    {},
    {
      get: (_, name) => new Placeholder(String(name)),
      // The names are not known here: without this, a spread of the slots would silently be empty.
      ownKeys() {
        throw new TypeError('slots are taken by their names')
      },
    },
  ) as Slots<Values>

function compiledFrom<Values, Row>(query: (v: Slots<Values>, row: SelectRow<Row>) => SQL | Built): Compiled {
  let fields: Fields | undefined
  const lists: SQL[] = []
  const written = query(slotsFor<Values>(), (selected) => {
    fields ??= selected
    // The selects of a union; SQLite names all rows after the first and matches the others' columns by their places.
    if (String(Object.keys(fields)) !== String(Object.keys(selected))) {
      throw new TypeError('selects name different rows')
    }
    const list = selectList(selected)
    lists.push(list)
    return list
  })
  if (!is(written, SQL)) {
    fields = nameColumns(written)
    return numbered(dialect.sqlToQuery(written.getSQL().inlineParams()), fields)
  }
  const compiled = dialect.sqlToQuery(written)
  requireNamedRows(compiled.sql.trim(), lists)
  return numbered(compiled, fields)
}

/** @throws TypeError if the rows that `text` gives are not those of `lists` */
function requireNamedRows(text: string, lists: readonly SQL[]): void {
  // What begins otherwise, as `with` does, may read or write.
  if (!/^(?:select|insert|update|delete)\b/i.test(text)) {
    throw new TypeError(`a statement begins with select, insert, update or delete: ${text}`)
  }
  const gives = /^select\b|\breturning\b/i.test(text)
  const isOuter = (list: SQL) => {
    const [before = ''] = text.split(dialect.sqlToQuery(list).sql)
    const around = before.replace(/^select \* from \(/i, '').replace(/'[^']*'|"[^"]*"/g, '')
    return around.split('(').length === around.split(')').length
  }
  if (gives && (lists.length === 0 || !lists.every(isOuter))) {
    throw new TypeError(`rows are not named: ${text}`)
  }
}

function numbered({ sql: text, params }: { sql: string; params: unknown[] }, fields: Fields | undefined): Compiled {
  const parameters: Parameter[] = []
  let next = 0
  const sql = text
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/\?/g, () => {
      // Drizzle writes each placeholder as `?`, which cannot be told from a question mark in a text of the SQL.
      if (next === params.length) throw new TypeError(`a question mark in a statement: ${text}`)
      const parameter = parameterOf(params[next++])
      const known = parameters.findIndex((one) => one.name === parameter.name && one.encode === parameter.encode)
      return `?${known >= 0 ? known + 1 : parameters.push(parameter)}`
    })
  return { sql, parameters, writes: !/^select\b/i.test(sql), decode: fields && decoderOf(fields) }
}

function parameterOf(parameter: unknown): Parameter {
  if (is(parameter, Placeholder)) return { name: parameter.name }
  if (!is(parameter, Param) || !is(parameter.value, Placeholder)) {
    throw new TypeError('a value is neither a slot nor SQL')
  }
  return { name: parameter.value.name, encode: encoderOf(parameter.encoder) }
}
