// Drizzle's query builder, used to write SQL and never to run it: `Database` does that, so the builder has no session.
import { Column, type DriverValueEncoder, getTableColumns, is, SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { CasingCache } from 'drizzle-orm/casing'
import {
  QueryBuilder,
  SQLiteAsyncDialect,
  type SQLiteColumn,
  SQLiteDeleteBase,
  SQLiteInsertBuilder,
  type SQLiteSession,
  type SQLiteTable,
  SQLiteUpdateBuilder,
} from 'drizzle-orm/sqlite-core'

/** Tables are declared in camelCase and stored in snake_case. */
export const dialect = new SQLiteAsyncDialect({ casing: 'snake_case' })

type Session = SQLiteSession<'async', unknown, Record<string, unknown>, never>

// The builders keep their session for running what they build, which is done by Database alone.
const NO_SESSION = undefined as unknown as Session

const builder = new QueryBuilder(dialect)

/** `select` of what `fields` name, each under its property's name and of its column's type. */
export const select: QueryBuilder['select'] = builder.select.bind(builder)

/** `delete from table`. */
export const deleteFrom = <Table extends SQLiteTable>(table: Table) =>
  new SQLiteDeleteBase<Table, 'async', unknown>(table, NO_SESSION, dialect)

/** `insert into table`. A column that is left out of the values gets its default, or null. */
export const insertInto = <Table extends SQLiteTable>(table: Table) =>
  new SQLiteInsertBuilder<Table, 'async', unknown>(table, NO_SESSION, dialect)

/** `update table`. What is set may be SQL, where columns stand for the row as it was. */
export const update = <Table extends SQLiteTable>(table: Table) =>
  new SQLiteUpdateBuilder<Table, 'async', unknown>(table, NO_SESSION, dialect)

/** A query of the builder, such as a `select(…).from(…)`. */
export interface Built extends SQLWrapper {
  /** Carries types alone. */
  readonly _: { readonly result: unknown }
}

/** The type of a built query's rows; never, if it returns none. */
export type RowOf<Query extends Built> = Query['_']['result'] extends readonly (infer Row)[] ? Row : never

/** The columns or SQL that rows are selected from, by the names of the rows' properties. */
export type Fields = Readonly<Record<string, SQLWrapper>>

interface Ordered {
  path: string[]
  field: SQLWrapper
}

/** The part of a builder that holds its select list. Drizzle 0.45 leaves it out of its types. */
interface Selecting {
  readonly config: { fields?: Fields; returning?: Ordered[] }
}

const isSelecting = (query: object): query is Selecting =>
  'config' in query && typeof query.config === 'object' && query.config !== null

/**
 * Gives each column of the select list the name of its property as an alias, and returns the list. Drizzle reads rows by
 * position and needs no aliases; D1 returns objects, in which columns of joined tables with equal names would overwrite
 * one another.
 *
 * @throws TypeError for a selection that has parts of its own
 */
export function nameColumns(query: Built): Fields | undefined {
  if (!isSelecting(query)) return undefined
  const { config } = query
  if (config.returning) {
    const fields = Object.fromEntries(config.returning.map(({ path, field }) => [path.join('.'), field]))
    config.returning = config.returning.map(({ path, field }) => ({ path, field: aliased(path.join('.'), field) }))
    return fields
  }
  const { fields } = config
  if (fields)
    config.fields = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, aliased(name, field)]))
  return fields
}

function aliased(name: string, field: SQLWrapper): SQL.Aliased {
  if (is(field, SQL.Aliased)) return aliased(name, field.sql)
  // In selects from one table, Drizzle writes the columns in a field's SQL without their tables, which in a subquery are
  // then taken for those of its own. Within another SQL they stay as they are.
  if (is(field, SQL) || is(field, Column)) return sql`${field}`.as(name)
  throw new TypeError(`${name} is neither a column nor SQL`)
}

/** Renders a select list, or what follows `returning`. */
export const selectList = (fields: Fields): SQL =>
  sql.join(
    Object.entries(fields).map(([name, field]) => sql`${field} as ${sql.identifier(name)}`),
    sql`, `,
  )

/** Turns a row as D1 returns it into one of the columns' types. */
export type Decode = (row: unknown) => unknown

/** The decoder of rows with these columns; undefined where D1 returns the columns' types already. */
export function decoderOf(fields: Fields): Decode | undefined {
  const maps = Object.entries(fields).flatMap(([name, field]) => {
    const map = mapOf(is(field, SQL.Aliased) ? field.sql : field)
    return map ? [[name, map] as const] : []
  })
  if (maps.length === 0) return undefined
  return (row) => {
    const decoded: Record<string, unknown> = { ...(typeof row === 'object' ? row : undefined) }
    for (const [name, map] of maps) if (decoded[name] != null) decoded[name] = map(decoded[name])
    return decoded
  }
}

/** Column types whose values D1 stores unchanged. */
const PLAIN = new Set(['string', 'number'])

/** Whether a column's values are stored unchanged. Those of a custom type are, unless it maps them. */
const isPlain = (column: Column) =>
  column.dataType === 'custom'
    ? Reflect.get(column, 'mapFrom') === undefined && Reflect.get(column, 'mapTo') === undefined
    : PLAIN.has(column.dataType)

function mapOf(field: SQLWrapper): ((value: unknown) => unknown) | undefined {
  if (is(field, Column)) return isPlain(field) ? undefined : (value) => field.mapFromDriverValue(value)
  const decoder: unknown = Reflect.get(field, 'decoder')
  return isDecoder(decoder) && decoder !== UNMAPPED ? (value) => decoder.mapFromDriverValue(value) : undefined
}

/** The encoder of a column's values; undefined where they are stored unchanged. */
export const encoderOf = (column: DriverValueEncoder<unknown, unknown>): ((value: unknown) => unknown) | undefined =>
  is(column, Column) && !isPlain(column) ? (value) => column.mapToDriverValue(value) : undefined

interface Decoder {
  mapFromDriverValue(value: unknown): unknown
}

const isDecoder = (decoder: unknown): decoder is Decoder =>
  typeof decoder === 'object' && decoder !== null && 'mapFromDriverValue' in decoder

/** The decoder that SQL has without `mapWith`; it leaves values as they are. */
const UNMAPPED: unknown = Reflect.get(sql``, 'decoder')

const casing = new CasingCache('snake_case')

/** The name of a column alone, as it stands in lists of columns and behind `excluded`. */
export const nameOf = (column: SQLiteColumn): SQL => sql`${sql.identifier(casing.getColumnCasing(column))}`

/** A column of the row that an insert could not add, for `on conflict do update`. */
export const excluded = (column: SQLiteColumn): SQL => sql`excluded.${nameOf(column)}`

/** Columns of a table, each with the SQL of its value. */
export type Filled<Table extends SQLiteTable> = { readonly [Name in keyof Table['_']['columns']]?: SQLWrapper }

/**
 * `insert into table (…) select … from`. Each column is written beside its value, so that a column that is added or moved
 * cannot shift the values of others.
 *
 * @example
 * insertSelect(groups, { partitionId: partitions.id, name: v.name }, sql`from ${partitions} where ${partitions.id} = ${v.partition}`)
 */
export function insertSelect<Table extends SQLiteTable>(table: Table, filled: Filled<Table>, from: SQL): SQL {
  const columns = getTableColumns(table)
  const names = Object.keys(filled).map((name) => {
    const column = columns[name]
    if (!column) throw new TypeError(`there is no column ${name}`)
    return nameOf(column)
  })
  const comma = sql`, `
  return sql`insert into ${table} (${sql.join(names, comma)}) select ${sql.join(Object.values(filled), comma)} ${from}`
}
