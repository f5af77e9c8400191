// Changes many rows in steps, each a transaction of its own.
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { bind } from '../../../database/bound.ts'
import type { Database } from '../../../database/database.ts'
import { type Slots, type Statement, statement, type Value } from '../../../database/statement.ts'
import { literal } from '../../../documents/entry-list.ts'
import type { InPartition } from '../../../documents/plant-entries.ts'

/** Whether a partition has more rows of the table than so many. It reads one more. */
export const hasMoreThan = (rows: number, table: InPartition, partition: SQLWrapper): SQL =>
  sql`exists (select 1 from ${table} where ${table.partitionId} = ${partition} limit 1 offset ${literal(rows)})`

/** A change of rows, some at a time, and the query whether any are left. */
export interface Steps<Values> {
  readonly change: Statement<Values, unknown>
  readonly left: Statement<Values, { one: number }>
}

/**
 * @param change `delete from …` or `update … set …`
 * @param rows the table, with a condition that the rows do not meet any more once they are changed
 * @param number how many rows a step changes
 */
export const inSteps = <Values extends { partition: string }>(
  change: (v: Slots<Values>) => SQL,
  rows: (v: Slots<Values>) => SQL,
  number: number,
): Steps<Values> => ({
  change: statement<Values>(
    (v) => sql`${change(v)} where rowid in (select rowid from ${rows(v)} limit ${literal(number)})`,
    { touches: 'partition' },
  ),
  left: statement<Values, { one: number }>(
    (v, row) => sql`select ${row({ one: sql<number>`1` })} from ${rows(v)} limit 1`,
    { touches: 'partition' },
  ),
})

/** Runs the steps until no row is left. */
export async function repeat<Values extends Record<keyof Values, Value>>(
  database: Database,
  { change, left }: Steps<Values>,
  values: Values,
): Promise<void> {
  for (let rows = 1; rows > 0; ) {
    const [, found] = await database.batch(bind(change, values), bind(left, values))
    rows = found.length
  }
}
