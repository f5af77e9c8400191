// Prepares the databases before the server starts: migrations, the seed, a signing key, and the key that encrypts secrets.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cachedBundle } from '../build/cached-bundle.ts'
import { projectRoot, type WorkerConfig } from '../config/config.ts'
import { StartFailure } from '../start-failure.ts'
import { localEncryptionKey } from './encryption-key.ts'
import { explainFailure, orExplain } from './explain-failure.ts'
import { LocalD1 } from './local-d1.ts'
import { localD1Path } from './local-d1-path.ts'
import { migrate } from './migrate.ts'
import type { Migration } from './migration.ts'
import { ASK_FOR_UNKEYED, describeClash } from './name-fill.ts'
import { closeDirectory, makePrivateDirectory } from './owner-only.ts'

const SEED = join(projectRoot, 'src/seed/documented.ts')
const NAME_FILL = join(projectRoot, 'src/control/states/name-fill.ts')

/**
 * {@link stateKey}, and {@link prepareDatabases} with it.
 * @throws StartFailure when the state directory cannot be used, or a migration or the seed fails
 */
export async function prepareState(worker: WorkerConfig, stateDir: string, given?: string): Promise<string> {
  const encryptionKey = await stateKey(stateDir, given)
  await prepareDatabases(worker, stateDir, encryptionKey)
  return encryptionKey
}

/**
 * The key that secrets in `stateDir` are encrypted under: `given`, or, without one, the key file of the directory. Makes what is
 * missing of both.
 * @throws StartFailure when the state directory cannot be used
 */
export async function stateKey(stateDir: string, given: string | undefined): Promise<string> {
  requireDirectory(stateDir)
  return given || (await orExplain(stateDir, () => localEncryptionKey(stateDir)))
}

/**
 * Migrates the databases in `stateDir`, seeds them if they are new, and gives names the keys that they lack; names that clash
 * are printed.
 * @throws StartFailure when the state directory cannot be used, or a migration or the seed fails
 */
export const prepareDatabases = (worker: WorkerConfig, stateDir: string, encryptionKey: string) =>
  orExplain(stateDir, async () => {
    const databases = worker.databases.map(({ binding, id, migrations }) => ({
      binding,
      migrations,
      d1: new LocalD1(localD1Path(stateDir, id)),
    }))
    try {
      for (const { d1, migrations } of databases) await migrate(d1, await readMigrations(migrations))
      const [main] = databases
      if (main) {
        const bound = { ...Object.fromEntries(databases.map(({ binding, d1 }) => [binding, d1])), DB: main.d1 }
        if (!(await isPlanted(main.d1))) await plant(bound, encryptionKey)
        await fillNames(bound)
      }
    } finally {
      for (const { d1 } of databases) d1.close()
    }
  })

/**
 * Whether seeding was completed. It writes the partitions in one batch and the signing key after it: the key comes last.
 */
async function isPlanted(d1: LocalD1): Promise<boolean> {
  const { results } = await d1.prepare('select 1 from partitions, signing_keys limit 1').all()
  return results.length > 0
}

interface Bound extends Readonly<Record<string, LocalD1>> {
  readonly DB: LocalD1
}

async function plant(bound: Bound, encryptionKey: string): Promise<void> {
  await withBundle(SEED, async (url) => {
    const seed: typeof import('../../seed/documented.ts') = await import(url)
    await seed.plantDocumentedTenant({ ...bound, ENCRYPTION_KEY: encryptionKey })
  })
}

/** Gives names keys that were written before there were keys, or by another version. */
async function fillNames(bound: Bound): Promise<void> {
  const asked = await Promise.all(Object.values(bound).map((d1) => d1.prepare(ASK_FOR_UNKEYED).all()))
  if (asked.every(({ results }) => results.length === 0)) return
  await withBundle(NAME_FILL, async (url) => {
    const names: typeof import('../../control/states/name-fill.ts') = await import(url)
    for (const clash of await names.fillAllNames(bound)) console.warn(describeClash(clash))
  })
}

/** Source that is bundled into one file to be imported: it has hundreds of imports, which only some starts need. */
async function withBundle(source: string, use: (url: string) => Promise<void>): Promise<void> {
  const { file } = await cachedBundle(source)
  await use(pathToFileURL(file).href)
}

/** The SQL files of a folder, in the order of their names. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  return await Promise.all(names.map(async (name) => ({ name, sql: await readFile(join(folder, name), 'utf8') })))
}

/** The data is in `v3`: a state directory that was there before, perhaps with other files, keeps its mode. */
function requireDirectory(path: string): void {
  try {
    makePrivateDirectory(path)
    closeDirectory(join(path, 'v3'))
  } catch (error) {
    throw new StartFailure(`the state directory cannot be made: ${explainFailure(path, error)}`)
  }
}
