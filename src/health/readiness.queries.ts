// The queries whether the database is as this version of the Worker needs it.
import { sql } from 'drizzle-orm'
import journal from '../../drizzle/meta/_journal.json' with { type: 'json' }
import { signingKeys } from '../auth/signing-key.table.ts'
import type { Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'

/** The migration this version was built with last. */
export const NEWEST = `${journal.entries.at(-1)?.tag}.sql`

// Wrangler makes `d1_migrations` and keeps it. Before the first migration either table may be missing: the statement
// fails then.
const selectReadiness = statement<{ migration: string; kid: string }, { migrations: number; keys: number }>(
  (v, row) => sql`
    select ${row({
      migrations: sql<number>`exists (select 1 from d1_migrations where name = ${v.migration})`,
      keys: sql<number>`exists (select 1 from ${signingKeys} where ${signingKeys.kid} = ${v.kid})`,
    })}`,
)

// Changes nothing, and takes the room of a page in the write-ahead log.
const rewrite = statement<{ migration: string }>(
  (v) => sql`update d1_migrations set name = name where name = ${v.migration}`,
)

/** Whether the newest migration is applied, and whether the key that signs is kept. */
export async function checkDatabase(database: Database, kid: string) {
  const found = await database.first(selectReadiness, { migration: NEWEST, kid })
  return { migrations: found?.migrations === 1, keys: found?.keys === 1 }
}

/** @throws DatabaseFailure if a write cannot be kept, as when the disk is full */
export const tryWriting = (database: Database) => database.all(rewrite, { migration: NEWEST })
