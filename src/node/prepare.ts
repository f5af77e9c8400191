// Makes the database ready before anybody can reach it: migrated, seeded, with a signing key.
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Miniflare } from 'miniflare'
import { bundleWorker } from './bundle.ts'
import { readWorkerConfig, StartFailure, type WorkerConfig } from './config.ts'
import type { Migration } from './migrate.ts'
import { openRuntime, type RuntimeOptions } from './runtime.ts'

const PREPARING_WORKER = join(import.meta.dirname, 'prepare.worker.ts')

/**
 * A runtime whose database is ready, without a Worker or a port yet: until the data is whole there is nothing for an
 * early client to connect to.
 * @throws StartFailure when the state directory cannot be used, or a migration or the seed fails
 */
export async function openPreparedRuntime(
  worker: WorkerConfig,
  options: Omit<RuntimeOptions, 'script' | 'port'>,
  signal?: AbortSignal,
): Promise<Miniflare> {
  const [script, migrations] = await Promise.all([
    bundleWorker(PREPARING_WORKER),
    readMigrations(worker.database.migrations),
    options.stateDir === undefined ? undefined : requireDirectory(options.stateDir),
    // Takes as long as the bundling, and does not need it.
    import('miniflare'),
  ])
  signal?.throwIfAborted()
  const runtime = await openRuntime(worker, { ...options, script })
  try {
    const response = await runtime.dispatchFetch('http://prepare/', {
      method: 'POST',
      body: JSON.stringify(migrations),
    })
    if (!response.ok) {
      throw new StartFailure(`the database could not be made ready: ${await response.text()}`)
    }
    signal?.throwIfAborted()
    return runtime
  } catch (error) {
    await runtime.dispose()
    throw error
  }
}

/** Makes the database in `stateDir` ready for another program to serve from. */
export async function prepareState(stateDir: string): Promise<void> {
  const runtime = await openPreparedRuntime(readWorkerConfig(), { stateDir })
  await runtime.dispose()
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  return await Promise.all(names.map(async (name) => ({ name, sql: await readFile(join(folder, name), 'utf8') })))
}

async function requireDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true })
  } catch (error) {
    throw new StartFailure(`the state directory cannot be made: ${error instanceof Error ? error.message : error}`)
  }
}
