// Reads the entries of a list off its tables. It is SQL that returns JSON, so that copying a tenant is one statement inside the
// database and its data never passes through the Worker.
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { columnOf, type EntryList, type ListedColumn, literal, requireColumn } from './entry-list.ts'

/** The alias of a list's own table. */
export const OWN = 'own'
/** The alias of the table beside it. */
const BESIDE = 'beside'

/**
 * A query for the entries of the list in the partition `source`: `position` to order by, and `entry` as JSON.
 * @param within a condition for the rows of the list, as {@link OWN}
 */
export function selectEntries(list: EntryList, source: SQLWrapper, within?: SQL): SQL {
  const { rows, beside } = list
  const owner = ownerOf(list)
  const joined = rows.columns.flatMap(({ key, column, references }) =>
    references && key !== owner?.key
      ? [leftJoin(references, key, columnOf(key, references.seq), columnOf(OWN, column))]
      : [],
  )
  if (beside) {
    const key = requireColumn(beside.table, beside.key)
    joined.push(leftJoin(beside.table, BESIDE, columnOf(BESIDE, key), ownColumn(list, 'seq')))
  }
  return sql`
    select ${positionOf(list)} as position, ${entryOf(list)} as entry
    from ${ownedRows(list)} ${sql.join(joined, sql` `)} where ${isListed(list, source, within)}`
}

/** Whether a row is one of the list's in the partition `source`, and `within` holds for it. */
export function isListed(list: EntryList, source: SQLWrapper, within?: SQL): SQL {
  const { where } = list
  // A range of rows is found by their own key. SQLite would rather read all rows of the partition by its index for each
  // range; a plus keeps it from using that.
  const partition = within && !where && !ownerOf(list) ? sql`+${partitionOf(list)}` : partitionOf(list)
  return sql.join([sql`${partition} = ${source}`, ...(where ? [where] : []), ...(within ? [within] : [])], sql` and `)
}

/** The partition that a row of {@link ownedRows} belongs to. */
export function partitionOf(list: EntryList): SQL {
  const owner = ownerOf(list)
  return owner ? columnOf(owner.key, owner.of.partitionId) : ownColumn(list, 'partitionId')
}

/** The rows of a list's own table, as `own`, joined to their owner where the partition is known by that. */
export function ownedRows(list: EntryList): SQL {
  const own = sql`${list.rows.table} ${sql.identifier(OWN)}`
  const owner = ownerOf(list)
  if (!owner) return own
  const same = sql`${columnOf(OWN, owner.column)} = ${columnOf(owner.key, owner.of.seq)}`
  // SQLite does not reorder a cross join: it finds the partition's rows in `owner` by their index first, and then reads only
  // the rows that refer to them. In the other order it would read the whole table.
  return sql`${owner.of} ${sql.identifier(owner.key)} cross join ${own} on ${same}`
}

export const leftJoin = (table: SQLWrapper, alias: string, one: SQL, other: SQL) =>
  sql`left join ${table} ${sql.identifier(alias)} on ${one} = ${other}`

export const ownColumn = ({ rows }: EntryList, key: string) => columnOf(OWN, requireColumn(rows.table, key))

function ownerOf({ rows, through }: EntryList) {
  const found = rows.columns.find(({ key }) => key === through)
  return found?.references && { key: found.key, column: found.column, of: found.references }
}

function positionOf({ order }: EntryList): SQL {
  const columns = joinedBy(order.map((column) => columnOf(OWN, column)))
  return order.length === 1 ? columns : sql`row_number() over (order by ${columns})`
}

const joinedBy = (parts: SQL[]) => sql.join(parts, sql`, `)

function entryOf({ rows, beside }: EntryList): SQL {
  if (rows.columns.every(({ property }) => typeof property === 'number')) {
    const sorted = rows.columns.toSorted((one, other) => Number(one.property) - Number(other.property))
    return sql`json_array(${joinedBy(sorted.map((column) => valueIn(column, OWN)))})`
  }
  const own = objectOf(rows.columns, OWN)
  if (!beside) return own
  const { column, is } = beside.when
  const whole = merged(own, objectOf(beside.columns, BESIDE))
  return sql`case ${columnOf(OWN, column)} when ${literal(is)} then ${whole} else ${own} end`
}

/** D1 limits functions to 32 arguments: `json_object` takes two for each property. */
const MAX_PROPERTIES = 16

function objectOf(columns: readonly ListedColumn[], alias: string): SQL {
  const objects = Array.from({ length: Math.ceil(columns.length / MAX_PROPERTIES) }, (_, index) => {
    const some = columns.slice(index * MAX_PROPERTIES, (index + 1) * MAX_PROPERTIES)
    return sql`json_object(${joinedBy(some.map((one) => sql`${literal(one.property)}, ${valueIn(one, alias)}`))})`
  })
  return objects.reduce(merged)
}

/**
 * One object of two, by their texts: json_patch would parse both, which takes longer than all else about an entry. No value
 * ends with a brace that could be taken for the object's own, as none is an object.
 */
const merged = (one: SQL, other: SQL) => sql`rtrim(${one}, '}') || ',' || ltrim(${other}, '{')`

function valueIn({ column, key, references }: ListedColumn, alias: string): SQL {
  if (references) return columnOf(key, references.id)
  const value = columnOf(alias, column)
  return column.dataType === 'boolean' ? sql`json(case ${value} when 1 then 'true' when 0 then 'false' end)` : value
}
