// Conditions that the database itself checks within a batch, so that what they guard cannot change in between.
import { type SQL, sql } from 'drizzle-orm'

/**
 * SQL for a select list: 1 where `condition` holds; else it fails the statement, and with it the whole batch. SQLite has
 * no `raise` outside of triggers, but it refuses a JSON path that does not begin with `$` and quotes it in its error:
 * `message` stands where the path would, so that {@link isAbortedBy} knows it again.
 *
 * @param message part of the program, without a quotation mark
 * @example
 * const check = statement<{ partition: string }, { found: number }>(
 *   (v, row) => sql`select ${row({ found: failUnless(sql`exists (select 1 …)`, MISSING) })}`,
 * )
 */
export const failUnless = (condition: SQL, message: string): SQL<number> =>
  sql<number>`json_extract('{}', iif(${condition}, '$', ${sql.raw(`'${message}'`)})) is not null`

/** Whether a batch failed because of the condition that was given that `message`. */
export const isAbortedBy = (error: unknown, message: string): boolean =>
  error instanceof Error && error.message.includes(message)
