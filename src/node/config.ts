// What wrangler.toml says about the Worker. wrangler's own reader would take longer to import than the whole start takes.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { StartFailure } from './start-failure.ts'
import type { RuntimeConfig } from './workerd-config.ts'

/** The repository: where wrangler.toml, drizzle/ and node_modules/ are. */
export const projectRoot = resolve(import.meta.dirname, '../..')

/** Where the repository's own runs keep their data, as wrangler does. */
export const localState = join(projectRoot, '.wrangler/state')

/** Paths are absolute. */
export interface WorkerConfig extends RuntimeConfig {
  name: string
  main: string
  database: RuntimeConfig['database'] & { migrations: string }
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
    d1: { worker: join(import.meta.dirname, 'd1.worker.js'), binding: join(import.meta.dirname, 'd1.binding.js') },
    database: {
      binding: required(database, 'binding'),
      id: required(database, 'database_id'),
      migrations: resolve(projectRoot, required(database, 'migrations_dir')),
    },
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
