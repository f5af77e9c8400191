// The question whether the database is as this version of the Worker needs it.
import { sql } from 'drizzle-orm'
import journal from '../../drizzle/meta/_journal.json' with { type: 'json' }
import type { Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'

/** The migration this version was built with last. */
export const NEWEST = `${journal.entries.at(-1)?.tag}.sql`

// Both tables stand outside of the tenant's own: wrangler keeps one, and the other may be empty.
const select = statement<{ migration: string; kid: string }, { migrations: number; keys: number }>(
  () => sql`
    select exists (select 1 from d1_migrations where name = ${sql.placeholder('migration')}) as "migrations",
      exists (select 1 from signing_keys where kid = ${sql.placeholder('kid')}) as "keys"`,
)

/** Whether the newest migration is applied, and whether the key that signs is kept. */
export async function checkDatabase(database: Database, kid: string) {
  const found = await database.first(select, { migration: NEWEST, kid })
  return { migrations: found?.migrations === 1, keys: found?.keys === 1 }
}
