// Prepares the databases before the server starts: migrations, the seed, a signing key, and the key that encrypts secrets.
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
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
    const seed = isNew(worker, stateDir) ? startSeed() : undefined
    // What follows keeps the event loop busy. In a start of a server workerd is spawned first.
    await setImmediate()
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
        if (!(await isPlanted(main.d1))) await plant(bound, encryptionKey, seed ?? startSeed())
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

const isNew = ({ databases: [main] }: WorkerConfig, stateDir: string) => !existsSync(localD1Path(stateDir, main.id))

interface Bound extends Readonly<Record<string, LocalD1>> {
  readonly DB: LocalD1
}

/** What takes longest of a first start, and begins before it is needed. */
interface Seed {
  readonly bundle: Promise<string>
  readonly signingKey: Promise<CryptoKey>
}

function startSeed(): Seed {
  const seed = { bundle: cachedBundle(SEED), signingKey: generateKey() }
  // A start that fails before it comes to them reports its own reason.
  for (const part of Object.values(seed)) part.catch(() => {})
  return seed
}

/** An RSA key, generated on a thread of Node's own. */
async function generateKey(): Promise<CryptoKey> {
  const generated = await crypto.subtle.generateKey(
    { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
    true,
    ['sign', 'verify'],
  )
  return 'privateKey' in generated ? generated.privateKey : generated
}

async function plant(bound: Bound, encryptionKey: string, { bundle, signingKey }: Seed): Promise<void> {
  const { plantDocumentedTenant }: typeof import('../../seed/documented.ts') = await importBundle(bundle)
  await plantDocumentedTenant({ ...bound, ENCRYPTION_KEY: encryptionKey }, signingKey)
}

/** Gives names keys that were written before there were keys, or by another version. */
async function fillNames(bound: Bound): Promise<void> {
  const asked = await Promise.all(Object.values(bound).map((d1) => d1.prepare(ASK_FOR_UNKEYED).all()))
  if (asked.every(({ results }) => results.length === 0)) return
  const { fillAllNames }: typeof import('../../control/states/name-fill.ts') = await importBundle(
    cachedBundle(NAME_FILL),
  )
  for (const clash of await fillAllNames(bound)) console.warn(describeClash(clash))
}

/** Imports source that is bundled into one file: it has hundreds of imports, which only some starts need. */
const importBundle = async (bundle: Promise<string>) => import(pathToFileURL(await bundle).href)

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
