// The server's code and database from dist/, as `npm run build` made them. This file is bundled into dist/ itself, so that
// they lie beside it. Nothing is bundled at run time, and `node:sqlite` is not used: Node 20 does not have it.

import { existsSync, readFileSync } from 'node:fs'
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clash } from '../../control/states/name-clash.ts'
import { type BuildManifest, LAYOUT } from '../build/build-layout.ts'
import { exchange } from '../library/exchange.ts'
import { HOST, originAt } from '../runtime/address.ts'
import { openRuntime } from '../runtime/runtime.ts'
import type { ServerSource } from '../runtime/server.ts'
import { localEncryptionKey } from '../state/encryption-key.ts'
import { orExplain } from '../state/explain-failure.ts'
import { localD1Path } from '../state/local-d1-path.ts'
import { describeClash } from '../state/name-fill.ts'

const built = (name: string) => join(import.meta.dirname, name)

export const packed: ServerSource = {
  config() {
    const { assetsBinding, ...config } = readManifest().config
    return {
      ...config,
      ...(assetsBinding && { assets: { binding: assetsBinding, directory: built(LAYOUT.assets) } }),
      d1: { worker: built(LAYOUT.d1.worker), binding: built(LAYOUT.d1.binding) },
    }
  },
  script: () => readFile(built(LAYOUT.worker), 'utf8'),
  encryptionKey: (stateDir, given) => orExplain(stateDir, async () => given || (await localEncryptionKey(stateDir))),
  migrateFormer: (stateDir) => orExplain(stateDir, () => migrateFormer(stateDir)),
  migrate: (stateDir) => orExplain(stateDir, () => migrate(stateDir)),
}

/** The manifest that `npm run build` wrote. */
export function readManifest(): BuildManifest {
  return JSON.parse(readFileSync(built(LAYOUT.manifest), 'utf8'))
}

/**
 * A file that names the newest migration applied to each database. Reading it is faster than starting a workerd to ask them.
 */
const markIn = (stateDir: string) => join(stateDir, 'migrated')

const newestOf = ({ config, migrations }: BuildManifest) =>
  config.databases.map(({ binding }) => migrations[binding]?.at(-1)?.name ?? '').join('\n')

/** Migrates databases of an older version. `migrate`, which comes next, marks them. */
async function migrateFormer(stateDir: string): Promise<void> {
  const manifest = readManifest()
  const isAnyThere = manifest.config.databases.some(({ id }) => existsSync(localD1Path(stateDir, id)))
  if (!isAnyThere || (await read(markIn(stateDir))) === newestOf(manifest)) return
  await copyMissing(manifest, stateDir)
  await migrateOnRuntime(manifest, stateDir)
}

async function migrate(stateDir: string): Promise<void> {
  const manifest = readManifest()
  await copyMissing(manifest, stateDir)
  await writeFile(markIn(stateDir), newestOf(manifest))
}

/** Copies databases that are not there: they were migrated when the package was built. */
async function copyMissing({ config }: BuildManifest, stateDir: string): Promise<void> {
  for (const { binding, id } of config.databases) {
    const file = localD1Path(stateDir, id)
    if (existsSync(file)) continue
    await mkdir(dirname(file), { recursive: true })
    await copyAtomically(built(LAYOUT.database(binding)), file)
  }
}

/** Copies under another name and renames: a start that is killed in between leaves no half-copied database. */
async function copyAtomically(from: string, to: string): Promise<void> {
  await copyFile(from, `${to}.new`)
  await rename(`${to}.new`, to)
}

async function migrateOnRuntime({ migrations }: BuildManifest, stateDir: string): Promise<void> {
  const script = await readFile(built(LAYOUT.migrator), 'utf8')
  const folder = 'migration'
  const runtime = await openRuntime(packed.config(), { stateDir, script, folder })
  try {
    const body = JSON.stringify(migrations)
    const url = new URL(originAt(HOST, runtime.port))
    const answer = await exchange(url, { method: 'POST', headers: {}, body, signal: undefined })
    if (answer.status !== 200) throw new Error(answer.body)
    const clashing: Clash[] = JSON.parse(answer.body)
    for (const clash of clashing) console.warn(describeClash(clash))
  } finally {
    await runtime.stop()
    await rm(join(stateDir, folder), { recursive: true, force: true })
  }
}

const read = (path: string) => readFile(path, 'utf8').catch(() => undefined)
