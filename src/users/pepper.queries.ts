// Queries for the pepper of the deployment.
import { and, eq, sql } from 'drizzle-orm'
import { bind } from '../database/bound.ts'
import type { Database } from '../database/database.ts'
import { insertInto, select, update } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { peppers } from './pepper.table.ts'

const selectPepper = statement((_: Slots<object>) => select({ pepper: peppers.pepper }).from(peppers))

/** The sealed pepper; undefined if there is none yet. */
export const findPepper = async (database: Database) => (await database.first(selectPepper, {}))?.pepper

const insertFirst = statement((v: Slots<{ pepper: string }>) =>
  insertInto(peppers).values({ seq: 1, pepper: v.pepper }).onConflictDoNothing(),
)

/** Stores the sealed `pepper` unless there is one already, and returns the one there is then: of isolates that begin together one wins. */
export async function keepFirstPepper(database: Database, pepper: string): Promise<string> {
  const [, [kept]] = await database.batch(bind(insertFirst, { pepper }), bind(selectPepper, {}))
  return kept?.pepper ?? pepper
}

const swap = statement((v: Slots<{ old: string; sealed: string }>) =>
  update(peppers)
    .set({ pepper: sql`${v.sealed}` })
    .where(and(eq(peppers.seq, 1), eq(peppers.pepper, v.old)))
    .returning({ seq: peppers.seq }),
)

/** Replaces the sealed form of the pepper by compare-and-swap; returns 0 if it was changed meanwhile, else 1. */
export const swapPepper = async (database: Database, old: string, sealed: string) =>
  (await database.all(swap, { old, sealed })).length
