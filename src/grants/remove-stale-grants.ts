// Removes grants and sessions that are of no use any more, some at a time.
import { lte, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { type Bound, bind } from '../database/bound.ts'
import { Database } from '../database/database.ts'
import { deadlineOf } from '../database/failure.ts'
import { deleteFrom, select } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { grants, sessions } from './grant.table.ts'

/** The most rows that one run removes of each table, so that it stays within the time of a statement of D1. */
const MAX_REMOVED = 2000

/** The most rows of each table that a sign-in removes: more than it leaves, so that those of former runs become fewer. */
const MAX_IN_PASSING = 20

const removal = (table: typeof grants | typeof sessions, key: SQLiteColumn) =>
  statement((v: Slots<{ now: number; most: number }>) =>
    deleteFrom(table).where(
      sql`${key} in ${select({ key }).from(table).where(lte(table.removeAt, v.now)).orderBy(table.removeAt).limit(v.most)}`,
    ),
  )

const removals = [removal(grants, grants.handleHash), removal(sessions, sessions.id)]

/** Removes those whose time is over by the real clock, the oldest first. One round trip. */
export async function removeStaleGrants(env: Pick<Cloudflare.Env, 'DB' | 'D1_DEADLINE_MS'>) {
  const database = new Database(env.DB, { deadline: deadlineOf(env) })
  await database.batch(...removals.map((remove) => bind(remove, { now: Date.now(), most: MAX_REMOVED })))
}

/** What a sign-in removes with its own batch on the main database, in local runs: they have no Cron trigger. */
export const removalsInPassing = ({ EMBEDDED }: Pick<Cloudflare.Env, 'EMBEDDED'>): readonly Bound<unknown>[] =>
  EMBEDDED ? removals.map((remove) => bind(remove, { now: Date.now(), most: MAX_IN_PASSING })) : []
