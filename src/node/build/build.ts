// `npm run build`: writes dist/, the content of the package. The Worker is bundled and the database migrated here, so that
// a start from the package only copies a file.
import { execFile } from 'node:child_process'
import { copyFile, cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type BuildOptions, build } from 'esbuild'
import { projectRoot, readWorkerConfig } from '../config/config.ts'
import type { RuntimeDatabase } from '../runtime/workerd-config.ts'
import { localD1Path } from '../state/local-d1-path.ts'
import { migrateDatabases, readMigrations } from '../state/prepare.ts'
import { type BuildManifest, LAYOUT } from './build-layout.ts'
import { bundleWorker, LOCAL_ENTRY } from './bundle.ts'
import { buildConsole } from './console.ts'
import { licenceNotices } from './notices.ts'

const run = promisify(execFile)
const dist = join(projectRoot, 'dist')
const worker = readWorkerConfig()

/** The oldest Node the package supports. */
const TARGET = 'node20'

const CODE: BuildOptions = {
  outdir: dist,
  bundle: true,
  platform: 'node',
  target: TARGET,
  packages: 'external',
  logLevel: 'warning',
}

async function buildCode(): Promise<void> {
  const library = join(import.meta.dirname, '../library/library.ts')
  const cli = join(import.meta.dirname, '../cli/cli.ts')
  await build({ ...CODE, entryPoints: { library, cli }, format: 'esm', splitting: true, chunkNames: 'chunk-[hash]' })
  // For `require`: Jest runs no ES modules without experimental flags.
  await build({
    ...CODE,
    entryPoints: { library },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    define: { 'import.meta.dirname': '__dirname', 'import.meta.url': 'moduleUrl' },
    banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
  })
}

/**
 * The library's declarations and those they import. The compiler writes declarations of every file it reads, the Worker's
 * too.
 */
async function buildTypes(): Promise<void> {
  const tsc = join(projectRoot, 'node_modules/typescript/bin/tsc')
  const all = join(dist, 'declarations')
  await run(process.execPath, [tsc, '-p', join(projectRoot, 'tsconfig.build.json'), '--outDir', all])
  await keepDeclarations(all, 'node/library/library.d.ts')
  await rm(all, { recursive: true })
}

async function keepDeclarations(from: string, file: string, kept = new Set<string>()): Promise<void> {
  if (kept.has(file)) return
  kept.add(file)
  const declarations = await readFile(join(from, file), 'utf8')
  const to = join(dist, 'types', file)
  await mkdir(dirname(to), { recursive: true })
  const written = (ending: string) => declarations.replace(/(from '\.[^']+)\.ts'/g, `$1.${ending}'`)
  await writeFile(to, written('js'))
  await writeFile(to.replace(/ts$/, 'cts'), written('cjs'))
  for (const [, name] of declarations.matchAll(/from '(\.[^']+)\.ts'/g)) {
    await keepDeclarations(from, join(dirname(file), `${name}.d.ts`), kept)
  }
}

async function buildWorkers(): Promise<void> {
  await writeFile(join(dist, LAYOUT.worker), await bundleWorker(LOCAL_ENTRY, { shortNames: true }))
  await writeFile(
    join(dist, LAYOUT.migrator),
    await bundleWorker(join(import.meta.dirname, '../state/migrate.worker.ts')),
  )
  await copyFile(worker.d1.worker, join(dist, LAYOUT.d1.worker))
  await copyFile(worker.d1.binding, join(dist, LAYOUT.d1.binding))
}

async function buildAssets(): Promise<void> {
  await buildConsole()
  if (worker.assets) await cp(worker.assets.directory, join(dist, LAYOUT.assets), { recursive: true })
}

async function buildSeeds(): Promise<void> {
  const sources = join(projectRoot, 'src/seed')
  const seeds = join(dist, LAYOUT.seeds)
  await mkdir(seeds, { recursive: true })
  await copyFile(join(sources, 'hogwarts.seed.json'), join(seeds, 'hogwarts.json'))
  await copyFile(join(sources, 'tenant.schema.json'), join(seeds, 'tenant.schema.json'))
}

async function buildDatabases(): Promise<void> {
  const state = join(dist, 'state')
  await migrateDatabases(worker, state)
  for (const { binding, id } of worker.databases) {
    await rename(localD1Path(state, id), join(dist, LAYOUT.database(binding)))
  }
  await rm(state, { recursive: true })
}

async function buildManifest(): Promise<void> {
  const { version }: { version: string } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8'))
  const { compatibilityDate, compatibilityFlags, vars, databases, assets } = worker
  const bound = ({ binding, id }: RuntimeDatabase) => ({ binding, id })
  const [main, ...others] = databases
  const migrations = databases.map(async (database) => [database.binding, await readMigrations(database.migrations)])
  const manifest: BuildManifest = {
    version,
    config: {
      ...{ compatibilityDate, compatibilityFlags, vars, databases: [bound(main), ...others.map(bound)] },
      ...(assets && { assetsBinding: assets.binding }),
    },
    migrations: Object.fromEntries(await Promise.all(migrations)),
  }
  await writeFile(join(dist, LAYOUT.manifest), JSON.stringify(manifest))
}

const buildNotices = async () => writeFile(join(dist, 'NOTICES.txt'), await licenceNotices())

await rm(dist, { recursive: true, force: true })
await mkdir(dist, { recursive: true })
await Promise.all([
  buildCode(),
  buildTypes(),
  buildWorkers(),
  buildAssets(),
  buildSeeds(),
  buildDatabases(),
  buildManifest(),
  buildNotices(),
])
