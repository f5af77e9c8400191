// Makes the databases ready before anybody can reach it: migrated, seeded, with a signing key, and a key to seal secrets under.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundleWorker } from './bundle.ts'
import { projectRoot, type WorkerConfig } from './config.ts'
import { localEncryptionKey } from './encryption-key.ts'
import { messageOf } from './error-details.ts'
import { LocalD1 } from './local-d1.ts'
import { localD1Path } from './local-d1-path.ts'
import { migrate } from './migrate.ts'
import type { Migration } from './migration.ts'
import { StartFailure } from './start-failure.ts'

const SEED = join(projectRoot, 'src/seed/documented.ts')

/**
 * Makes the databases in `stateDir` ready to be served from, and returns the key its secrets are sealed under: `given`,
 * or the directory's own.
 * @throws StartFailure when the state directory cannot be used, or a migration or the seed fails
 */
export async function prepareState(worker: WorkerConfig, stateDir: string, given?: string): Promise<string> {
  await requireDirectory(stateDir)
  try {
    const encryptionKey = given || (await localEncryptionKey(stateDir))
    const databases = worker.databases.map(({ binding, id, migrations }) => ({
      binding,
      migrations,
      d1: new LocalD1(localD1Path(stateDir, id)),
    }))
    try {
      for (const { d1, migrations } of databases) await migrate(d1, await readMigrations(migrations))
      const [main] = databases
      if (main && !(await isPlanted(main.d1))) {
        await plant(Object.fromEntries(databases.map(({ binding, d1 }) => [binding, d1])), main.d1, encryptionKey)
      }
      return encryptionKey
    } finally {
      for (const { d1 } of databases) d1.close()
    }
  } catch (error) {
    throw new StartFailure(`the database could not be made ready: ${messageOf(error)}`)
  }
}

/** The seed is planted in one step, and the signing key after it. */
async function isPlanted(d1: LocalD1): Promise<boolean> {
  const { results } = await d1.prepare('select 1 from partitions, signing_keys limit 1').all()
  return results.length > 0
}

/** Loaded as one file: the seed's imports are hundreds, and only a first start needs them. */
async function plant(bound: Record<string, LocalD1>, main: LocalD1, encryptionKey: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'identity-edge-seed-'))
  try {
    const file = join(folder, 'seed.mjs')
    await writeFile(file, await bundleWorker(SEED))
    const seed: typeof import('../seed/documented.ts') = await import(pathToFileURL(file).href)
    await seed.plantDocumentedTenant({ ...bound, DB: main, ENCRYPTION_KEY: encryptionKey })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  return await Promise.all(names.map(async (name) => ({ name, sql: await readFile(join(folder, name), 'utf8') })))
}

async function requireDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true })
  } catch (error) {
    throw new StartFailure(`the state directory cannot be made: ${messageOf(error)}`)
  }
}
