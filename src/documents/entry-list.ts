// A table's rows as a list of JSON entries in a tenant's document: which columns are in them, and how.
import { getTableColumns, getTableName, type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { nameOf } from '../database/query-builder.ts'
import type { Statement } from '../database/statement.ts'

/** A table whose rows others point at by `seq`, and which are known by `id` within their partition. */
export type Referenced = SQLiteTable & Readonly<Record<'seq' | 'partitionId' | 'id', SQLiteColumn>>

/** What is planted for the `value` that an entry has. Of a table beside, `seq` is that of the row it belongs to. */
type Planted = (value: SQL, seq: SQL) => SQL

type ByColumn<Table extends SQLiteTable, What> = { readonly [Name in keyof Table['$inferSelect']]?: What }

interface RowOptions<Table extends SQLiteTable> {
  table: Table
  /** Columns that are not in the entries, each with the reason. All others are, and so is one that is added later. */
  except: ByColumn<Table, string>
  /** Columns that point at a row of another table. The entry has that row's id. */
  references?: ByColumn<Table, Referenced>
  /** What a column is called in an entry, if not by its own name. With numbers throughout, entries are arrays. */
  properties?: ByColumn<Table, string | number>
  /** What is planted, if not the value that the entry has. */
  planted?: ByColumn<Table, Planted>
}

export interface ListedColumn {
  readonly key: string
  readonly column: SQLiteColumn
  readonly property: string | number
  readonly references: Referenced | undefined
  readonly planted: Planted | undefined
}

/** A table's columns in the entries of a list, and those that are not. */
export interface Listed {
  readonly table: SQLiteTable
  readonly except: ReadonlyMap<string, string>
  readonly columns: readonly ListedColumn[]
}

/** A table that holds more of some of a list's rows. Its columns are in the same entries. */
export interface Beside extends Listed {
  /** Which of its columns has the `seq` of the row it belongs to. */
  readonly key: string
  /** Rows have one of it if they have this value in this column; others have none. */
  readonly when: { readonly column: SQLiteColumn; readonly is: number }
}

/** What is not in the entries because it follows from the rows that were planted. */
export interface Derived {
  /** The table it fills, which is emptied with the list's own. */
  readonly table?: SQLiteTable & { readonly partitionId: SQLiteColumn }
  readonly plant: Statement<{ partition: string }, never>
}

interface ListOptions {
  /** The list's name in snapshots. It stays as it is, since there are snapshots that have it. */
  readonly name: string
  readonly rows: Listed
  /** The columns in whose order the entries come. */
  readonly order: readonly SQLiteColumn[]
  /** The reference that says to which partition a row belongs, where the table has no `partitionId`. */
  readonly through?: string
  readonly beside?: Beside
  readonly derived?: readonly Derived[]
  /** Documents leave it out and it is not counted: it follows from other lists, but can only be computed outside the database. */
  readonly isDerived?: boolean
}

/** A list whose entries have the type `Entry` when they come out of the database. */
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

/** Which columns of a table are in a list's entries: all but those that are excepted. */
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

const byName = <What>(named: object = {}): ReadonlyMap<string, What> => new Map(Object.entries(named))

/** Why `partitionId` is in no entry. */
export const PLANTED_IN = 'it is the partition that the entries are planted in'

/** A column of a table that has another name in the statement. */
export const columnOf = (alias: string, column: SQLiteColumn) => sql`${sql.identifier(alias)}.${nameOf(column)}`

/** The column of a table that has to have it. */
export function requireColumn(table: SQLiteTable, key: string): SQLiteColumn {
  const column = getTableColumns(table)[key]
  if (!column) throw new TypeError(`${getTableName(table)} has no column ${key}`)
  return column
}

/** A value that is part of the program, as SQL. */
export const literal = (value: unknown): SQL =>
  sql.raw(typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`)
