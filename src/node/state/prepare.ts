// Prepares the databases before the server starts: migrations, the seed, a signing key, and the key that encrypts secrets.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cachedBundle } from '../build/cached-bundle.ts'
import { type DatabaseConfig, projectRoot, type WorkerConfig } from '../config/config.ts'
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
const POSTPONED = join(projectRoot, 'src/control/states/large-copies.ts')
const CUT_OFF = join(projectRoot, 'src/control/states/steps/restore.ts')
const NAME_FILL = join(projectRoot, 'src/control/states/name-fill.ts')

/**
 * Makes a state directory ready for runs that do not plant the documented organization themselves (src/embedded/start.ts does it where
 * this server runs): {@link stateKey}, {@link migrateDatabases}, and the seed if the databases are new.
 * @throws StartFailure when the state directory cannot be used, or a migration or the seed fails
 */
export async function prepareState(worker: WorkerConfig, stateDir: string, given?: string): Promise<string> {
  const encryptionKey = await stateKey(stateDir, given)
  await withDatabases(worker, stateDir, async (bound) => {
    if (!(await isPlanted(bound.DB))) await plant(bound, encryptionKey)
    await complete(bound)
  })
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
 * Migrates the databases in `stateDir`, and makes what earlier runs have left undone; names that clash are printed.
 * @throws StartFailure when the state directory cannot be used, or a migration fails
 */
export const migrateDatabases = (worker: WorkerConfig, stateDir: string) => withDatabases(worker, stateDir, complete)

async function complete(bound: Bound): Promise<void> {
  await finishSteps(bound)
  await plantPostponed(bound)
  await removeEnded(bound)
  await fillNames(bound)
}

/** Migrates the databases in `stateDir`, and lets `use` have them. */
const withDatabases = (worker: WorkerConfig, stateDir: string, use: (bound: Bound) => Promise<void>) =>
  orExplain(stateDir, async () => {
    const open = ({ id }: DatabaseConfig) => new LocalD1(localD1Path(stateDir, id))
    const [main, ...others] = worker.databases
    const databases = [{ ...main, d1: open(main) }, ...others.map((other) => ({ ...other, d1: open(other) }))] as const
    try {
      for (const { d1, migrations } of databases) await migrate(d1, await readMigrations(migrations))
      const named = Object.fromEntries(databases.map(({ binding, d1 }) => [binding, d1]))
      await use({ ...named, DB: databases[0].d1 })
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
  const { plantDocumentedTenant }: typeof import('../../seed/documented.ts') = await importBundle(SEED)
  await plantDocumentedTenant({ ...bound, ENCRYPTION_KEY: encryptionKey })
}

/** Gives names keys that were written before there were keys, or by another version. */
async function fillNames(bound: Bound): Promise<void> {
  if (!(await hasAny(bound, ASK_FOR_UNKEYED))) return
  const { fillAllNames }: typeof import('../../control/states/name-fill.ts') = await importBundle(NAME_FILL)
  for (const clash of await fillAllNames(bound)) console.warn(describeClash(clash))
}

/** Makes the rows of copies that a local server was killed before it needed: `wrangler dev` and backups know nothing of them. */
async function plantPostponed(bound: Bound): Promise<void> {
  if (!(await hasAny(bound, 'select 1 from tenants where copy_of is not null limit 1'))) return
  const { plantAllPostponed }: typeof import('../../control/states/large-copies.ts') = await importBundle(POSTPONED)
  await plantAllPostponed(bound)
}

/** Removes the rows of tenants that have ended, which a local server does some time later, unless it is killed before. */
async function removeEnded(bound: Bound): Promise<void> {
  const remove = 'delete from partitions where id in (select partition_id from tenants where expires_at = 0)'
  for (const d1 of Object.values(bound)) await d1.prepare(remove).run()
}

/** Makes good what a local server made in steps when it was killed: restores, and snapshots that were being taken or named. */
async function finishSteps(bound: Bound): Promise<void> {
  // Notes, and parts of what is not yet a snapshot, have names that begin with a space: no test can give such a one.
  if (!(await hasAny(bound, "select 1 from snapshots where name >= ' ' and name < '!' limit 1"))) return
  const { finishAllSteps }: typeof import('../../control/states/steps/restore.ts') = await importBundle(CUT_OFF)
  await finishAllSteps(bound)
}

/** Whether a query returns a row of any of the databases. */
async function hasAny(bound: Bound, query: string): Promise<boolean> {
  const asked = await Promise.all(Object.values(bound).map((d1) => d1.prepare(query).all()))
  return asked.some(({ results }) => results.length > 0)
}

/** Imports source that is bundled into one file: it has hundreds of imports, which only some runs need. */
const importBundle = async (source: string) => import(pathToFileURL(await cachedBundle(source)).href)

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
