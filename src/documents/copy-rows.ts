// Copies the rows of a list from one partition into another: SQL that never makes JSON of them, which a copy by way of entries
// would write and read again for each row.
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { insertSelect } from '../database/query-builder.ts'
import { type Beside, columnOf, type EntryList, type ListedColumn, literal, requireColumn } from './entry-list.ts'
import { isInPartition } from './plant-entries.ts'
import { isListed, leftJoin, OWN, ownColumn, ownedRows } from './read-entries.ts'

/** Where rows are copied from, and the partition that they are copied into. Both are in the same database. */
export interface Copying {
  readonly source: SQLWrapper
  readonly partition: SQLWrapper
  /** A condition for the rows to copy, as `OWN`. Without it all are copied. */
  readonly within?: SQL
}

/** The alias of the table beside the list's own. */
const BESIDE = 'beside'
/** The alias of a row that was copied already, the list's own. */
const COPY = 'copy'
/** The alias of the copy of a row that the column `key` refers to. The row itself has `key` for its alias. */
const copyOf = (key: string) => `${key}_copy`

/**
 * The statements that copy a list into an empty partition, in order. Those of `derived` have to follow. They give what
 * planting the list's entries in a snapshot would give.
 */
export function copiesOf(list: EntryList): ((copying: Copying) => SQL)[] {
  const { beside } = list
  return [
    (copying) => copyRows(list, copying),
    ...(beside ? [(copying: Copying) => copyBeside(list, beside, copying)] : []),
  ]
}

type Key = 'seq' | 'partitionId' | 'id'

function copyRows(list: EntryList, { source, partition, within }: Copying): SQL {
  const { table, columns } = list.rows
  const joined = columns.flatMap(({ key, column, references }) => {
    if (!references) return []
    const [old, copy] = [
      (name: Key) => columnOf(key, references[name]),
      (name: Key) => columnOf(copyOf(key), references[name]),
    ]
    return [
      // The owner's rows are joined already.
      ...(key === list.through ? [] : [leftJoin(references, key, old('seq'), columnOf(OWN, column))]),
      sql`left join ${references} ${sql.identifier(copyOf(key))}
        on ${copy('partitionId')} = ${partition} and ${copy('id')} = ${old('id')}`,
    ]
  })
  const order = sql.join(
    list.order.map((column) => columnOf(OWN, column)),
    sql`, `,
  )
  return insertSelect(
    table,
    { ...(isInPartition(table) && { partitionId: partition }), ...valuesOf(columns, OWN, sql`null`) },
    sql`from ${ownedRows(list)} ${sql.join(joined, sql` `)}
      where ${isListed(list, source, within)} order by ${order}`,
  )
}

function copyBeside(list: EntryList, beside: Beside, { source, partition, within }: Copying): SQL {
  const { table } = list.rows
  const copy = (key: string) => columnOf(COPY, requireColumn(table, key))
  const key = columnOf(BESIDE, requireColumn(beside.table, beside.key))
  return insertSelect(
    beside.table,
    { [beside.key]: copy('seq'), ...valuesOf(beside.columns, BESIDE, copy('seq')) },
    sql`from ${table} ${sql.identifier(OWN)}
      cross join ${beside.table} ${sql.identifier(BESIDE)} on ${key} = ${ownColumn(list, 'seq')}
      cross join ${table} ${sql.identifier(COPY)}
        on ${copy('partitionId')} = ${partition} and ${copy('id')} = ${ownColumn(list, 'id')}
      where ${isListed(list, source, within)}
        and ${columnOf(OWN, beside.when.column)} = ${literal(beside.when.is)}`,
  )
}

const valuesOf = (columns: readonly ListedColumn[], alias: string, seq: SQL): Record<string, SQL> =>
  Object.fromEntries(
    columns.map(({ key, column, references, planted }) => {
      const value = references ? columnOf(copyOf(key), references.seq) : columnOf(alias, column)
      return [key, planted ? planted(value, seq) : value]
    }),
  )
