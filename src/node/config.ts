// What wrangler.toml says about the Worker, as far as a local run can do it.
import { dirname, join, resolve } from 'node:path'
import type { RuntimeConfig, RuntimeDatabase } from './workerd-config.ts'
import { WranglerToml } from './wrangler-toml.ts'

/** The repository: where wrangler.toml, drizzle/ and node_modules/ are. */
export const projectRoot = resolve(import.meta.dirname, '../..')

/** Where the repository's own runs keep their data, as wrangler does. */
export const localState = join(projectRoot, '.wrangler/state')

export interface DatabaseConfig extends RuntimeDatabase {
  migrations: string
}

/** Paths are absolute. */
export interface WorkerConfig extends RuntimeConfig {
  name: string
  main: string
  databases: readonly [DatabaseConfig, ...DatabaseConfig[]]
  /** What the file has besides, which a deployment has and a local run goes without. */
  notCarried: string[]
}

/** The binding of the database that holds what belongs to no partition. */
const MAIN = 'DB'

/**
 * Reads wrangler.toml.
 * @throws StartFailure in one line: the file and the line, and what is wrong there
 */
export function readWorkerConfig(file = join(projectRoot, 'wrangler.toml')): WorkerConfig {
  const toml = new WranglerToml(file)
  const folder = dirname(file)
  return {
    name: toml.text('name'),
    main: resolve(folder, toml.text('main')),
    compatibilityDate: toml.text('compatibility_date'),
    compatibilityFlags: toml.texts('compatibility_flags'),
    vars: toml.subtable('vars'),
    d1: { worker: join(import.meta.dirname, 'd1.worker.js'), binding: join(import.meta.dirname, 'd1.binding.js') },
    databases: databasesOf(toml, folder),
    notCarried: notCarried(toml),
  }
}

/** The main database first. */
function databasesOf(toml: WranglerToml, folder: string): WorkerConfig['databases'] {
  const key = 'd1_databases'
  const databases: DatabaseConfig[] = []
  for (let index = 0; index < toml.count(key); index++) {
    const database = {
      binding: toml.text(key, index, 'binding'),
      id: toml.text(key, index, 'database_id'),
      migrations: resolve(folder, toml.text(key, index, 'migrations_dir')),
    }
    const other = databases.find(({ id }) => id === database.id)
    if (other) {
      const reason = `${database.binding} has the database_id of ${other.binding}: local runs keep a file for each id`
      throw toml.failure([key, index, 'database_id'], reason)
    }
    databases.push(database)
  }
  const main = databases.find(({ binding }) => binding === MAIN)
  if (!main) throw toml.failure([key], `no D1 database is bound as ${MAIN}`)
  return [main, ...databases.filter((database) => database !== main)]
}

/** What a local run does, or what is about deployments alone. */
const CARRIED = new Set([
  ...['$schema', 'name', 'main', 'compatibility_date', 'compatibility_flags', 'vars', 'd1_databases'],
  ...['account_id', 'workers_dev', 'preview_urls', 'route', 'routes', 'placement', 'limits', 'send_metrics'],
  ...['minify', 'keep_names', 'upload_source_maps', 'keep_vars', 'observability', 'logpush', 'secrets', 'dev'],
  // A local run removes expired tenants by itself.
  'triggers',
])

/** `ratelimits (TOKENS_BY_CLIENT, TOKENS_BY_ADDRESS)`: the keys, with the names of what they bind. */
function notCarried({ table }: WranglerToml): string[] {
  return Object.entries(table)
    .filter(([key]) => !CARRIED.has(key))
    .map(([key, value]) => {
      if (key === 'env')
        return Object.keys(Object(value))
          .map((name) => `[env.${name}]`)
          .join(', ')
      const names = Array.isArray(value) ? value.flatMap(bindingOf) : []
      return names.length > 0 ? `${key} (${names.join(', ')})` : key
    })
}

function bindingOf(value: unknown): string[] {
  const { binding, name } = { binding: undefined, name: undefined, ...Object(value) }
  return [binding ?? name].filter((found) => typeof found === 'string')
}
