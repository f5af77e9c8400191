// Plants the entries of a list: SQL that inserts them as rows of the list's tables, inside the database.
import { getTableColumns, is, SQL, type SQLWrapper, sql } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { insertSelect } from '../database/query-builder.ts'
import { type Beside, columnOf, type EntryList, type ListedColumn, literal, requireColumn } from './entry-list.ts'

/** The entries to plant, and the partition to plant them in. */
export interface Planting {
  partition: SQLWrapper
  /** A subquery with the columns `entry` (JSON), and `part` and `position` to order by. */
  entries: SQL
}

/** The alias of the list's own table, whose rows are planted already, when the table beside it is. */
const OWN = 'own'

/** The statements that plant a list in an empty partition, in order. Those of `derived` have to follow. */
export function plantsOf(list: EntryList): ((planting: Planting) => SQL)[] {
  const { beside } = list
  return [
    (planting) => plantRows(list, planting),
    ...(beside ? [(planting: Planting) => plantBeside(list, beside, planting)] : []),
  ]
}

function plantRows({ rows: { table, columns } }: EntryList, { partition, entries }: Planting): SQL {
  const joined = columns.flatMap(({ key, property, references }) => {
    if (!references) return []
    const [ownPartition, id] = [columnOf(key, references.partitionId), columnOf(key, references.id)]
    const alias = sql.identifier(key)
    return [sql`left join ${references} ${alias} on ${ownPartition} = ${partition} and ${id} = ${given(property)}`]
  })
  const values = { ...(isInPartition(table) && { partitionId: partition }), ...valuesOf(columns, sql`null`) }
  return insertSelect(table, values, sql`from ${entries} ${sql.join(joined, sql` `)} order by part, position`)
}

function plantBeside({ rows }: EntryList, beside: Beside, { partition, entries }: Planting): SQL {
  const own = (key: string) => columnOf(OWN, requireColumn(rows.table, key))
  const { table, key, columns, when } = beside
  return insertSelect(
    table,
    { [key]: own('seq'), ...valuesOf(columns, own('seq')) },
    sql`from ${entries} cross join ${rows.table} ${sql.identifier(OWN)}
      on ${own('partitionId')} = ${partition} and ${own('id')} = ${given('id')}
      where ${columnOf(OWN, when.column)} = ${literal(when.is)}`,
  )
}

const valuesOf = (columns: readonly ListedColumn[], seq: SQL): Record<string, SQL> =>
  Object.fromEntries(columns.map((column) => [column.key, valueFor(column, seq)]))

const given = (property: string | number) => sql`entry ->> ${literal(property)}`

/** The value of a column: of the entry, or the column's default where that is missing and the column may not be null. */
function valueFor({ key, column, property, references, planted }: ListedColumn, seq: SQL): SQL {
  const entered = references ? columnOf(key, references.seq) : given(property)
  const value =
    column.notNull && column.default !== undefined ? sql`coalesce(${entered}, ${defaultOf(column)})` : entered
  return planted ? planted(value, seq) : value
}

const defaultOf = (column: SQLiteColumn) =>
  is(column.default, SQL) ? column.default : literal(column.mapToDriverValue(column.default))

export type InPartition = SQLiteTable & { readonly partitionId: SQLWrapper }

export const isInPartition = (table: SQLiteTable): table is InPartition => 'partitionId' in getTableColumns(table)

/** The statements that compute what is derived from a list, once it is planted. */
export const derivedOf = ({ derived = [] }: EntryList) => derived.map(({ plant }) => plant)

/** The tables to empty before a list is planted again. Tables without `partitionId` are emptied by cascade. */
export const clearsOf = ({ rows, derived = [] }: EntryList): InPartition[] =>
  [rows.table, ...derived.flatMap(({ table }) => table ?? [])].filter(isInPartition)
