// Builds the console of src/console into assets/console: static files, without data and without keys, which no Worker parses.
import { existsSync, readFileSync } from 'node:fs'
import { copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { projectRoot } from '../config/config.ts'
import { bundleForBrowsers } from './bundle.ts'
import { CACHE } from './cached-bundle.ts'
import { hashFiles } from './hash-files.ts'

const SOURCES = join(projectRoot, 'src/console')
const OUTPUT = join(projectRoot, 'assets/console')

/** Of Swagger UI, which shows the OpenAPI documents. */
const REFERENCE = ['swagger-ui-bundle.js', 'swagger-ui-standalone-preset.js', 'swagger-ui.css']
const REFERENCE_PACKAGE = join(projectRoot, 'node_modules/swagger-ui-dist')

const PAGES = ['index.html', 'reference.html']

/** A file with the hash of all that the console was built of. Not in the folder itself, all of which is served. */
const MARK = join(CACHE, 'console')

/**
 * Builds the console unless what is there was built of the same sources.
 * @throws StartFailure when the sources do not compile
 */
export async function buildConsole(): Promise<void> {
  const hash = hashFiles(SOURCES, [join(REFERENCE_PACKAGE, 'package.json'), join(projectRoot, 'package-lock.json')])
  if (existsSync(OUTPUT) && existsSync(MARK) && readFileSync(MARK, 'utf8') === hash) return
  const unfinished = `${OUTPUT}.${process.pid}`
  try {
    await buildInto(unfinished)
    await putInPlace(unfinished)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  await mkdir(dirname(MARK), { recursive: true })
  await writeFile(MARK, hash)
}

async function buildInto(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const entries = [
    `console=${join(SOURCES, 'main.tsx')}`,
    `reference=${join(SOURCES, 'reference.ts')}`,
    `console=${join(SOURCES, 'console.css')}`,
    `reference=${join(SOURCES, 'reference.css')}`,
  ]
  await Promise.all([
    bundleForBrowsers(entries, folder),
    ...PAGES.map((name) => copyFile(join(SOURCES, name), join(folder, name))),
    ...REFERENCE.map((name) => copyFile(join(REFERENCE_PACKAGE, name), join(folder, name))),
  ])
}

/**
 * File by file, each by renaming: a server that runs never has half of one, keeps the folder that it serves, and starts at the
 * same time do not remove each other's.
 */
async function putInPlace(built: string): Promise<void> {
  const names = await readdir(built)
  await mkdir(OUTPUT, { recursive: true })
  for (const name of names) await rename(join(built, name), join(OUTPUT, name))
  for (const name of await readdir(OUTPUT)) {
    if (!names.includes(name)) await rm(join(OUTPUT, name), { recursive: true, force: true })
  }
}
