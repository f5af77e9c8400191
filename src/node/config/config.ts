// Reads wrangler.toml: the part that a local run carries out, and the names of the parts that it does not.
import { dirname, join, resolve } from 'node:path'
import type { RuntimeConfig, RuntimeDatabase } from '../runtime/workerd-config.ts'
import { WranglerToml } from './wrangler-toml.ts'

/** The repository's root, with wrangler.toml, drizzle/ and node_modules/. */
export const projectRoot = resolve(import.meta.dirname, '../../..')

const RUNTIME = resolve(import.meta.dirname, '../runtime')

/** The directory where `npm start`, `npm run dev` and wrangler keep their local data. */
export const localState = join(projectRoot, '.wrangler/state')

export interface DatabaseConfig extends RuntimeDatabase {
  migrations: string
}

/** The Worker of wrangler.toml, with absolute paths. */
export interface WorkerConfig extends RuntimeConfig {
  name: string
  main: string
  databases: readonly [DatabaseConfig, ...DatabaseConfig[]]
  /** The file's other keys, which take effect in a deployment and not in a local run. */
  notCarried: string[]
}

/** The binding of the database that holds the rows of no partition, such as signing keys and clients. */
const MAIN = 'DB'

/**
 * Reads wrangler.toml.
 * @throws StartFailure with one line, `file:line: reason`, when a value is missing or of the wrong type
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
    d1: { worker: join(RUNTIME, 'd1.worker.js'), binding: join(RUNTIME, 'd1.binding.js') },
    databases: databasesOf(toml, folder),
    ...assetsOf(toml, folder),
    notCarried: notCarried(toml),
  }
}

/** The files of `[assets]`, if there are any. */
function assetsOf(toml: WranglerToml, folder: string): Pick<WorkerConfig, 'assets'> {
  if (Object.keys(toml.subtable('assets')).length === 0) return {}
  return {
    assets: { binding: toml.text('assets', 'binding'), directory: resolve(folder, toml.text('assets', 'directory')) },
  }
}

/** The databases of `[[d1_databases]]`, the one bound as `DB` first. */
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

/**
 * Keys that a local run carries out, or that concern deployments alone: nobody has to be told that a local run ignores
 * these.
 */
const CARRIED = new Set([
  ...['$schema', 'name', 'main', 'compatibility_date', 'compatibility_flags', 'vars', 'd1_databases', 'assets'],
  ...['account_id', 'workers_dev', 'preview_urls', 'route', 'routes', 'placement', 'limits', 'send_metrics'],
  ...['minify', 'keep_names', 'upload_source_maps', 'keep_vars', 'observability', 'logpush', 'secrets', 'dev', 'build'],
  // The Cron trigger removes expired tenants; a local run does that without one.
  'triggers',
])

/** The keys that are not carried out, with their bindings: `ratelimits (TOKENS_BY_CLIENT, TOKENS_BY_ADDRESS)`. */
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
