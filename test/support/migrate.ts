// The tables of a database. Those beside the real one are for the few tests that need them: other files would only wait.
import { applyD1Migrations } from 'cloudflare:test'
import { env } from 'cloudflare:workers'

/** Removes all tables of a database, so that {@link migrate} makes them anew. */
export async function empty(database: D1Database): Promise<void> {
  const { results } = await database
    .prepare(
      "select name from sqlite_master where type = 'table' and name not like 'sqlite!_%' escape '!' and name not like '!_cf!_%' escape '!' order by rowid desc",
    )
    .all<{ name: string }>()
  if (results.length === 0) return
  const drops = results.map(({ name }) => database.prepare(`drop table "${name}"`))
  // The newest goes first, as it refers to those before it.
  await database.batch(drops)
}

export async function migrate(...databases: D1Database[]): Promise<void> {
  for (const database of databases) await applyD1Migrations(database, env.MIGRATIONS ?? [])
}
