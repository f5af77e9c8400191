// Describes how a table's rows become a list of JSON entries in snapshots: which columns, under which names, pointing where.
// SQL that reads and plants the entries is derived from it (read-entries.ts, plant-entries.ts).
import { getTableColumns, getTableName, type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { nameOf } from '../database/query-builder.ts'
import type { Statement } from '../database/statement.ts'

/** A table whose rows other tables refer to by `seq`, and entries by `id`, which is unique within the partition. */
export type Referenced = SQLiteTable & Readonly<Record<'seq' | 'partitionId' | 'id', SQLiteColumn>>

/** The SQL of a column's value, from the `value` in the entry. `seq`: of the row that a row of a `Beside` table belongs to. */
type Planted = (value: SQL, seq: SQL) => SQL

type ByColumn<Table extends SQLiteTable, What> = { readonly [Name in keyof Table['$inferSelect']]?: What }

interface RowOptions<Table extends SQLiteTable> {
  table: Table
  /** Columns that are left out, each with the reason. All others are in the entries, so that a new one is not forgotten. */
  except: ByColumn<Table, string>
  /** Columns that hold the `seq` of another table's row. The entry has that row's `id` instead, as `seq` differs in a copy. */
  references?: ByColumn<Table, Referenced>
  /** Names of columns in the entries, where they are not their own. With numbers for all, the entries are arrays. */
  properties?: ByColumn<Table, string | number>
  /** How columns are filled, where it is not with the value of the entry. */
  planted?: ByColumn<Table, Planted>
}

export interface ListedColumn {
  readonly key: string
  readonly column: SQLiteColumn
  readonly property: string | number
  readonly references: Referenced | undefined
  readonly planted: Planted | undefined
}

/** A table with its columns that are in the entries of a list, and those that are left out. */
export interface Listed {
  readonly table: SQLiteTable
  readonly except: ReadonlyMap<string, string>
  readonly columns: readonly ListedColumn[]
}

/** A second table with more columns for some rows of a list, as `users` has for directory entities. Both are in one entry. */
export interface Beside extends Listed {
  /** The column with the `seq` of the row it belongs to. */
  readonly key: string
  /** The rows of the list that have a row in it: those with this value in this column. */
  readonly when: { readonly column: SQLiteColumn; readonly is: number }
}

/** Data that is not in the entries, as it is computed from the rows once they are planted: counts, for example. */
export interface Derived {
  /** The table that it fills; it is emptied with the list's own. */
  readonly table?: SQLiteTable & { readonly partitionId: SQLiteColumn }
  readonly plant: Statement<{ partition: string }, never>
}

interface ListOptions {
  /** The list's name in snapshots. It must never change: stored snapshots have it. */
  readonly name: string
  readonly rows: Listed
  /** The columns that the entries are ordered by. */
  readonly order: readonly SQLiteColumn[]
  /** The reference through which a row belongs to a partition, where the table has no `partitionId` of its own. */
  readonly through?: string
  readonly beside?: Beside
  /** Which rows of a partition are in it, as {@link OWN}. Without it all are. */
  readonly where?: SQL
  /** The number of its first part in snapshots, where other parts have its name too. */
  readonly firstPart?: number
  readonly derived?: readonly Derived[]
  /** Documents leave it out and it is not counted: it follows from other lists, but can only be computed outside the database. */
  readonly isDerived?: boolean
}

/** A list whose entries, as the database has them, are of the type `Entry`. */
export interface EntryList<Entry = unknown> extends ListOptions {
  /** Carries the type alone; it is never called. */
  readonly types?: () => Entry
}

/**
 * @example
 * const list: EntryList<{ id: string }> = entryList({
 *   name: 'formerUsers',
 *   rows: listed({ table: formerUsers, except: { partitionId: PLANTED_IN }, properties: { id: 0 } }),
 *   order: [formerUsers.id],
 * })
 */
export const entryList = <Entry>(options: ListOptions): EntryList<Entry> => options

/** The columns of a table that are in a list's entries: all but those of `except`. */
export function listed<Table extends SQLiteTable>(options: RowOptions<Table>): Listed {
  const { table, references, properties, planted } = options
  const except = byName<string>(options.except)
  const columns = Object.entries(getTableColumns(table)).filter(([key]) => !except.has(key))
  return {
    table,
    except,
    columns: columns.map(([key, column]) => ({
      key,
      column,
      property: byName<string | number>(properties).get(key) ?? key,
      references: byName<Referenced>(references).get(key),
      planted: byName<Planted>(planted).get(key),
    })),
  }
}

const byName = <What>(object: object = {}): ReadonlyMap<string, What> => new Map(Object.entries(object))

/** The reason for which `partitionId` is left out of every list. */
export const PLANTED_IN = 'it is the partition that the entries are planted in'

/** A column of a table under its alias in a statement. */
export const columnOf = (alias: string, column: SQLiteColumn) => sql`${sql.identifier(alias)}.${nameOf(column)}`

/** The table's column of that name. @throws TypeError if there is none */
export function requireColumn(table: SQLiteTable, key: string): SQLiteColumn {
  const column = getTableColumns(table)[key]
  if (!column) throw new TypeError(`${getTableName(table)} has no column ${key}`)
  return column
}

/** A constant of the program as an SQL literal. Never for what a caller sends. */
export const literal = (value: unknown): SQL =>
  sql.raw(typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`)
