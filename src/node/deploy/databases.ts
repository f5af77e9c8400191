// The D1 databases of a deployment: found by name or created, where they were asked to stand, with replicas for reads.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../config/config.ts'
import { StartFailure } from '../start-failure.ts'
import type { Account, DatabaseDetails, Place } from './account.ts'
import { ApiFailure } from './cloudflare.ts'
import { type DatabaseConfig, isUnknown, type Target } from './target.ts'

type Print = (line: string) => void

/**
 * Finds each database by its name or creates it, and switches read replication on. Returns the target with their ids.
 * @throws StartFailure when a database is there and stands in another jurisdiction than the one asked for
 */
export async function ensureDatabases(target: Target, account: Account, place: Place, print: Print): Promise<Target> {
  const databases = []
  for (const database of target.config.d1_databases) {
    const details = await ensureDatabase(database, account, place, print)
    await ensureReplicas(database.database_name, details, account, print)
    databases.push({ ...database, database_id: details.uuid })
  }
  return { ...target, config: { ...target.config, d1_databases: databases } }
}

async function ensureDatabase(database: DatabaseConfig, account: Account, place: Place, print: Print) {
  const { database_name: name, database_id: id } = database
  const known = await account.findDatabase(isUnknown(database) ? name : id)
  const details = known ?? (isUnknown(database) ? await account.createDatabase(name, place) : undefined)
  if (details === undefined)
    throw new StartFailure(`there is no D1 database ${id} (${name}), which wrangler.toml names`)
  print(`database ${name}: ${known ? 'is there' : 'created'}${standing(details)}`)
  if (known && place.location !== undefined) {
    print(`  --location ${place.location} changes nothing: the place is chosen when a database is created`)
  }
  if (place.jurisdiction !== undefined && (details.jurisdiction ?? undefined) !== place.jurisdiction) {
    throw new StartFailure(
      `${name} stands in ${details.jurisdiction ? `the jurisdiction ${details.jurisdiction}` : 'no jurisdiction'}, which is chosen when a database is created: npm run backup -- --remote, npm run destroy, deploy with --jurisdiction ${place.jurisdiction}, npm run restore`,
    )
  }
  return details
}

function standing({ running_in_region: region, jurisdiction }: DatabaseDetails): string {
  const primary = region ? `, primary in ${region}` : ''
  return jurisdiction ? `${primary}, jurisdiction ${jurisdiction}` : primary
}

/** A refusal does not end the deployment: without replicas all reads go to the primary, and are right. */
async function ensureReplicas(name: string, found: DatabaseDetails, account: Account, print: Print): Promise<void> {
  if (found.read_replication?.mode === 'auto') return print(`read replication of ${name}: is on`)
  try {
    const { read_replication: now } = await account.replicate(found.uuid)
    print(`read replication of ${name}: ${now?.mode === 'auto' ? 'switched on' : `still ${now?.mode ?? 'unknown'}`}`)
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error
    print(
      `read replication of ${name}: off, all reads go to the primary until a later run switches it on; ${error.message}`,
    )
  }
}

/** Whether a migration is not among those that wrangler has noted in the database, or none is noted yet. */
export async function lacksMigrations(database: DatabaseConfig, account: Account): Promise<boolean> {
  const files = readdirSync(join(projectRoot, database.migrations_dir)).filter((name) => name.endsWith('.sql'))
  try {
    const applied = await account.query<{ name: string }>(database.database_id, 'select name from d1_migrations')
    return files.some((file) => !applied.some(({ name }) => name === file))
  } catch (error) {
    // Before the first migration there is no such table.
    if (error instanceof ApiFailure) return true
    throw error
  }
}
