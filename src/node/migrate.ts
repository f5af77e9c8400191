// Brings a database up to the SQL files in drizzle/, with the bookkeeping of `wrangler d1 migrations apply`, so that either
// of the two can take over from the other.

import { messageOf } from './error-details.ts'
import type { Migration } from './migration.ts'

const BOOKKEEPING = `CREATE TABLE IF NOT EXISTS d1_migrations(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`

/**
 * Applies, in the order given, the migrations that the database does not have yet. A database that has them all costs
 * one query. Killed at any moment, the next call goes on where this one stopped.
 */
export async function migrate(db: D1Database, migrations: Migration[]): Promise<void> {
  const applied = await listApplied(db)
  for (const migration of migrations.filter(({ name }) => !applied.has(name))) {
    await apply(db, migration)
  }
}

async function listApplied(db: D1Database): Promise<Set<string>> {
  try {
    const { results } = await db.prepare('SELECT name FROM d1_migrations').all<{ name: string }>()
    return new Set(results.map((row) => row.name))
  } catch (error) {
    if (messageOf(error).includes('no such table')) {
      return new Set()
    }
    throw error
  }
}

/** A batch is one transaction: the file and the note that it ran are both there or neither is. */
async function apply(db: D1Database, { name, sql }: Migration): Promise<void> {
  const statements = sql.split('--> statement-breakpoint').filter((statement) => statement.trim() !== '')
  const batch = [
    db.prepare(BOOKKEEPING),
    ...statements.map((statement) => db.prepare(statement)),
    db.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name),
  ]
  try {
    await db.batch(batch)
  } catch (error) {
    throw new Error(`migration ${name} failed: ${messageOf(error)}`, { cause: error })
  }
}
