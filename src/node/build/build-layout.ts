// The names of the files that `npm run build` writes into dist/, by which an installed package finds them.

import type { RuntimeConfig } from '../runtime/workerd-config.ts'
import type { Migration } from '../state/migration.ts'

export const LAYOUT = {
  /** The Worker's JavaScript, bundled into one ES module. */
  worker: 'worker.js',
  /** A `BuildManifest` as JSON. */
  manifest: 'manifest.json',
  /** The database of that binding, migrated and empty. */
  database: (binding: string) => `${binding}.sqlite`,
  /** A Worker that migrates databases of older versions (migrate.worker.ts). */
  migrator: 'migrator.js',
  /** A folder of example seeds and their JSON Schema. */
  seeds: 'seeds',
  /** The files that are served as they are. */
  assets: 'assets',
  /** The local D1. */
  d1: { worker: 'd1.worker.js', binding: 'd1.binding.js' },
}

/** What an installed package has to know of wrangler.toml and drizzle/, which are not in it. */
export interface BuildManifest {
  version: string
  config: Omit<RuntimeConfig, 'd1' | 'assets'> & { assetsBinding?: string }
  /** By the database's binding, in the order in which they apply. */
  migrations: Record<string, Migration[]>
}
