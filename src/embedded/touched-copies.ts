// What a statement has to do with copies of partitions, read off its SQL and its values.
import { getTableName } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { POSTPONED_TABLES } from '../control/states/plant-postponed.ts'
import type { Bound } from '../database/database.ts'
import { partitions } from '../partitions/partition.table.ts'

/** Values that are longer are no id. In characters. */
const MAX_ID = 256

const anyOf = (tables: readonly SQLiteTable[]) => tables.map((table) => `"${getTableName(table)}"`).join('|')

/** Whether a statement reads or writes rows that copies have. */
export const touchesRows = remembered(new RegExp(anyOf(POSTPONED_TABLES)))

/** Whether a statement removes partitions, and by cascade all that they have. */
export const removesPartitions = remembered(new RegExp(`^delete from (?:${anyOf([partitions])})`))

/** Whether the SQL of a statement matches, which is found out once for each statement. */
function remembered(pattern: RegExp): (bound: Bound<unknown>) => boolean {
  const known = new Map<number, boolean>()
  return ({ number, sql }) => {
    const before = known.get(number)
    if (before !== undefined) return before
    const matches = pattern.test(sql)
    known.set(number, matches)
    return matches
  }
}

/** The values of a statement that may be ids, in lower case. */
export const idsIn = ({ values }: Bound<unknown>): string[] =>
  values.flatMap((value) => (typeof value === 'string' && value.length <= MAX_ID ? value.toLowerCase() : []))

/** The ids of the partitions that a statement removes: one, or a list as JSON. In lower case. */
export const removedBy = ({ values }: Bound<unknown>): string[] =>
  values.flatMap((value) => `${value}`.toLowerCase().split('"'))
