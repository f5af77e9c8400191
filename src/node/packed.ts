// The tenant as `npm run build` left it beside this file: nothing is bundled at run time, and no SQLite is asked of Node.

import { readFileSync } from 'node:fs'
import { access, copyFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type BuildManifest, LAYOUT } from './build-layout.ts'
import { exchange } from './client/exchange.ts'
import { localEncryptionKey } from './encryption-key.ts'
import { messageOf } from './error-details.ts'
import { localD1Path } from './local-d1-path.ts'
import { HOST, openRuntime } from './runtime.ts'
import { StartFailure } from './start-failure.ts'
import type { TenantSource } from './tenant.ts'

const built = (name: string) => join(import.meta.dirname, name)

export const packed: TenantSource = {
  config: () => ({
    ...readManifest().config,
    d1: { worker: built(LAYOUT.d1.worker), binding: built(LAYOUT.d1.binding) },
  }),
  script: () => readFile(built(LAYOUT.worker), 'utf8'),
  async prepare(stateDir, encryptionKey) {
    try {
      await prepare(stateDir)
      return encryptionKey || (await localEncryptionKey(stateDir))
    } catch (error) {
      throw new StartFailure(`the database could not be made ready: ${messageOf(error)}`)
    }
  },
}

export function readManifest(): BuildManifest {
  return JSON.parse(readFileSync(built(LAYOUT.manifest), 'utf8'))
}

async function prepare(stateDir: string): Promise<void> {
  const { config, migrations } = readManifest()
  // Says up to where the databases are migrated, so that they need not be asked.
  const mark = join(stateDir, 'migrated')
  const newest = config.databases.map(({ binding }) => migrations[binding]?.at(-1)?.name ?? '').join('\n')
  let outdated = false
  for (const { binding, id } of config.databases) {
    const file = localD1Path(stateDir, id)
    await mkdir(dirname(file), { recursive: true })
    if (await isThere(file)) outdated ||= (await read(mark)) !== newest
    else await copyWhole(built(LAYOUT.database(binding)), file)
  }
  if (outdated) await migrateOnRuntime(stateDir)
  await writeFile(mark, newest)
}

/** It is there under its name only when it is whole: a start may be killed at any moment. */
async function copyWhole(from: string, to: string): Promise<void> {
  await copyFile(from, `${to}.new`)
  await rename(`${to}.new`, to)
}

async function migrateOnRuntime(stateDir: string): Promise<void> {
  const script = await readFile(built(LAYOUT.migrator), 'utf8')
  const runtime = await openRuntime(packed.config(), { stateDir, script })
  try {
    const body = JSON.stringify(readManifest().migrations)
    const url = new URL(`http://${HOST}:${runtime.port}`)
    const answer = await exchange(url, { method: 'POST', headers: {}, body, signal: undefined })
    if (answer.status !== 204) throw new Error(answer.body)
  } finally {
    await runtime.stop()
  }
}

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

const read = (path: string) => readFile(path, 'utf8').catch(() => undefined)
