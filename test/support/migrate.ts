// The tables of a database. Those beside the real one are for the few tests that need them: other files would only wait.
import { applyD1Migrations } from 'cloudflare:test'
import { env } from 'cloudflare:workers'

export async function migrate(...databases: D1Database[]): Promise<void> {
  for (const database of databases) await applyD1Migrations(database, env.MIGRATIONS ?? [])
}
