// Bundles that starts of the repository need again and again, kept by the hash of the sources: hashing them takes a twentieth of
// the time that bundling does.
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { projectRoot } from '../config/config.ts'
import { bundleWorker } from './bundle.ts'
import { hashFiles } from './hash-files.ts'

/** What starts keep from one to the next. It can be removed at any time. */
export const CACHE = join(projectRoot, 'node_modules/.cache/identity-edge')

const BUNDLES = join(CACHE, 'bundles')

/** How long the bundle of former sources stays. In milliseconds. */
const MAX_AGE = 24 * 3600 * 1000

const SOURCES = join(projectRoot, 'src')

/** Not in any of these bundles. */
const CONSOLE = join(SOURCES, 'console')

/**
 * As {@link bundleWorker}, for an entry below `src`; bundled only if any source has changed since it was last, or what is installed.
 * @returns the file with the bundle
 * @throws StartFailure when the source does not compile
 */
export async function cachedBundle(main: string): Promise<string> {
  const file = join(BUNDLES, `${relative(SOURCES, main).split(sep).join('-')}-${hashSources().slice(0, 32)}.mjs`)
  if (!existsSync(file)) await keep(file, await bundleWorker(main))
  return file
}

/** Written under another name and renamed, so that a start at the same time never reads half of it. */
async function keep(file: string, text: string): Promise<void> {
  const unfinished = `${file}.${process.pid}`
  await mkdir(BUNDLES, { recursive: true })
  await writeFile(unfinished, text)
  await rename(unfinished, file)
  await removeOld()
}

/** Removes bundles of former sources. One that a start is about to import is younger. */
async function removeOld(): Promise<void> {
  const before = Date.now() - MAX_AGE
  for (const name of await readdir(BUNDLES)) {
    const path = join(BUNDLES, name)
    const isOld = await stat(path).then(
      ({ mtimeMs }) => mtimeMs < before,
      () => false,
    )
    if (isOld) await rm(path, { force: true })
  }
}

let hashed: string | undefined

/** The hash of the sources and of what is installed. A start asks for several bundles in one turn of the event loop, and reads them once. */
function hashSources(): string {
  if (hashed === undefined) {
    hashed = hashFiles(SOURCES, [join(projectRoot, 'package-lock.json')], CONSOLE)
    setImmediate(() => {
      hashed = undefined
    })
  }
  return hashed
}
