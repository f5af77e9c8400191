// What `npm run build` leaves in dist/ beside the code, and where an installed package finds it again.
import type { Migration } from './migration.ts'
import type { RuntimeConfig } from './workerd-config.ts'

export const LAYOUT = {
  /** The Worker, as one module. */
  worker: 'worker.js',
  /** A `BuildManifest`. */
  manifest: 'manifest.json',
  /** A database of that binding, with all migrations and what is in it of the documented tenant, but no signing key. */
  database: (binding: string) => `${binding}.sqlite`,
  /** A Worker that migrates a database of an older version. */
  migrator: 'migrator.js',
  /** Seeds to begin with, and their schema. */
  seeds: 'seeds',
  /** The local D1. */
  d1: { worker: 'd1.worker.js', binding: 'd1.binding.js' },
}

export interface BuildManifest {
  version: string
  config: Omit<RuntimeConfig, 'd1'>
  /** By the binding of the database. */
  migrations: Record<string, Migration[]>
}
