// Applies the SQL files in drizzle/ to a database. The list of those applied is kept in the table that
// `wrangler d1 migrations apply` uses, so that a database migrated by one can be migrated further by the other.

import { messageOf } from '../error-details.ts'
import type { Migration } from './migration.ts'

const BOOKKEEPING = `CREATE TABLE IF NOT EXISTS d1_migrations(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`

/**
 * Applies, in the order given, the migrations that the database does not have yet; one query finds them. Each is applied in
 * a transaction of its own, so that a call that is killed is continued by the next.
 * @throws Error if the database has migrations that are not among them: this version may misread what a newer one writes
 */
export async function migrate(db: D1Database, migrations: Migration[]): Promise<void> {
  const applied = await listApplied(db)
  const newer = [...applied].filter((name) => !migrations.some((known) => known.name === name))
  if (newer.length > 0) {
    throw new Error(
      `it is of a newer version, which has ${newer.join(', ')}; start that version, or take another directory`,
    )
  }
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

/** One batch is one transaction: the migration and the row that records it are committed together. */
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
