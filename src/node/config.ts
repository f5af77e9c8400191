// What a run of the tenant has to know before anything starts: the Worker's settings from wrangler.toml, the port and the
// state directory from the environment. wrangler's own reader would take longer to import than the whole start takes.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** The repository: where wrangler.toml, drizzle/ and node_modules/ are. */
export const projectRoot = resolve(import.meta.dirname, '../..')

/** A reason not to run that the person at the keyboard can act on: shown as one line, without a stack. */
export class StartFailure extends Error {}

/** What wrangler.toml says about the Worker and its database. Paths are absolute. */
export interface WorkerConfig {
  name: string
  main: string
  compatibilityDate: string
  compatibilityFlags: string[]
  database: { binding: string; id: string; migrations: string }
}

/** What the environment says about one run. `port` 0 takes any free port. */
export interface RunConfig {
  port: number
  stateDir: string
  variables: Record<string, string>
}

/**
 * Reads wrangler.toml.
 * @throws StartFailure naming the key that is missing
 */
export function readWorkerConfig(): WorkerConfig {
  const file = readFileSync(resolve(projectRoot, 'wrangler.toml'), 'utf8')
  const tables = readTables(file)
  const worker = tables.find((table) => table.header === '')
  const database = tables.find((table) => table.header === 'd1_databases')
  return {
    name: required(worker, 'name'),
    main: resolve(projectRoot, required(worker, 'main')),
    compatibilityDate: required(worker, 'compatibility_date'),
    compatibilityFlags: readFlags(file),
    database: {
      binding: required(database, 'binding'),
      id: required(database, 'database_id'),
      migrations: resolve(projectRoot, required(database, 'migrations_dir')),
    },
  }
}

/** What is passed on to the Worker. */
const VARIABLES = ['ISSUER', 'SIGNING_KEY', 'ENCRYPTION_KEY', 'ENCRYPTION_KEYS_OLD', 'CONTROL_TOKEN']

/**
 * Reads PORT (8787 unless told), ISSUER, SIGNING_KEY, ENCRYPTION_KEY and ENCRYPTION_KEYS_OLD (the Worker's own unless told) and STATE_DIR (`.wrangler/state`, as wrangler; a relative one counts from the working directory).
 * @throws StartFailure when PORT is not a whole number from 0 to 65535
 */
export function readRunConfig(env: NodeJS.ProcessEnv): RunConfig {
  const port = env['PORT'] || '8787'
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
    throw new StartFailure(`PORT must be a whole number from 0 to 65535, not ${JSON.stringify(port)}`)
  }
  return {
    port: Number(port),
    stateDir: env['STATE_DIR'] ? resolve(env['STATE_DIR']) : resolve(projectRoot, '.wrangler/state'),
    variables: Object.fromEntries(VARIABLES.flatMap((name) => (env[name] ? [[name, env[name]]] : []))),
  }
}

interface Table {
  header: string
  values: Map<string, string>
}

/** The tables of a TOML file with their one-line strings, which is all that is asked of wrangler.toml here. */
function readTables(toml: string): Table[] {
  const tables: Table[] = []
  let table: Table = { header: '', values: new Map() }
  tables.push(table)
  for (const line of toml.split(/\r?\n/)) {
    const header = /^\s*\[+\s*([\w.-]+)\s*\]+\s*(#.*)?$/.exec(line)?.[1]
    if (header !== undefined) {
      table = { header, values: new Map() }
      tables.push(table)
    }
    const [, key, value] = /^\s*([\w-]+)\s*=\s*("[^"]*"|'[^']*')/.exec(line) ?? []
    if (key !== undefined && value !== undefined) {
      table.values.set(key, value.slice(1, -1))
    }
  }
  return tables
}

function readFlags(toml: string): string[] {
  const list = /^compatibility_flags\s*=\s*\[([^\]]*)\]/m.exec(toml)?.[1] ?? ''
  return Array.from(list.matchAll(/["']([^"']+)["']/g), (match) => match[1] ?? '')
}

function required(table: Table | undefined, key: string): string {
  const value = table?.values.get(key)
  if (value === undefined) {
    throw new StartFailure(`wrangler.toml has no ${key}${table?.header ? ` under [[${table.header}]]` : ''}`)
  }
  return value
}
