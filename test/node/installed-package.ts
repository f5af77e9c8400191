// The package as its users have it: packed, and installed in a folder where there is nothing else.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const OFFLINE = /ENOTFOUND|ENOTCACHED|ECONN|ETIMEDOUT|EAI_AGAIN|ERR_SOCKET_TIMEOUT/

export interface InstalledPackage {
  folder: string
  /** The names of the files in the tarball. */
  files: readonly string[]
  remove(): Promise<void>
}

/** What a package is not built from, and what other tests write and remove: a copy fails if a file that it has listed is gone. */
const NOT_COPIED = /^(node_modules|\.git|\.wrangler|\.dev\.vars|dist|test|bench|wrangler\..*\.json|assets\/console.*)$/

/** Calls `act` with a copy of the repository: a build removes dist/, in which deployments of other tests have their files. */
export async function inCopy<Result>(act: (repository: string) => Promise<Result>): Promise<Result> {
  const repository = await realpath(await mkdtemp(join(tmpdir(), 'repository-')))
  try {
    await cp('.', repository, { recursive: true, filter: (path) => !NOT_COPIED.test(path) })
    await symlink(resolve('node_modules'), join(repository, 'node_modules'))
    return await act(repository)
  } finally {
    await rm(repository, { recursive: true })
  }
}

/** Packs, which builds, and installs the tarball and nothing beside it. */
export async function installPackage(): Promise<InstalledPackage> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'package-')))
  const pack = ['pack', '--json', '--pack-destination', folder]
  const { stdout } = await inCopy((cwd) => run('npm', pack, { cwd }))
  // What prepack prints comes before.
  const [packed]: [{ filename: string; files: { path: string }[] }] = JSON.parse(stdout.slice(stdout.indexOf('[\n')))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module', private: true }))
  await install(folder, join(folder, packed.filename))
  return {
    folder,
    files: packed.files.map(({ path }) => path),
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}

async function install(folder: string, tarball: string): Promise<void> {
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--fetch-retries=0', '--fetch-timeout=10000']
  try {
    await run('npm', ['install', tarball, ...options], { cwd: folder })
  } catch (error) {
    if (!OFFLINE.test(String(error))) throw error
    console.log('no registry: the dependencies the package names are copied from the repository instead')
    const target = join(folder, 'node_modules/identity-edge')
    await mkdir(target, { recursive: true })
    await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', target])
    await copyDependencies(target, join(folder, 'node_modules'))
  }
}

/** Those that are named, theirs, and no others. */
async function copyDependencies(from: string, modules: string): Promise<void> {
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
    await readFile(join(from, 'package.json'), 'utf8'),
  )
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const installed = resolve('node_modules', name)
    if (!existsSync(installed)) continue
    await cp(installed, join(modules, name), { recursive: true })
    await copyDependencies(installed, modules)
  }
}

/** Lets the project of the package see one of the repository's tools. */
export async function lend(folder: string, tool: string): Promise<void> {
  const target = join(folder, 'node_modules', tool)
  await mkdir(dirname(target), { recursive: true })
  if (!existsSync(target)) await symlink(resolve('node_modules', tool), target)
}

/** The Node these tests run on, and the machine's own where that is another. */
export async function nodes(): Promise<{ version: string; path: string }[]> {
  const own = { version: process.version, path: process.execPath }
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'))
  const path = folders.map((folder) => join(folder, 'node')).find((file) => existsSync(file))
  if (path === undefined) return [own]
  const { stdout } = await run(path, ['--version'])
  const version = stdout.trim()
  return version === own.version ? [own] : [own, { version, path }]
}

/** The blocks of code under a heading of a Markdown file. */
export function examples(markdown: string, heading: string): string[] {
  const [, section = ''] = markdown.split(`\n## ${heading}\n`)
  const [own = ''] = section.split('\n## ')
  return Array.from(own.matchAll(/```(?:ts|js)\n(.*?)```/gs), ([, code]) => code ?? '')
}
