// Bundles a Worker's TypeScript into one ES module with the export conditions that wrangler uses, so that a dependency
// resolves to the same files here and in a deployment.
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from '../config/config.ts'
import { StartFailure } from '../start-failure.ts'

/** The entry of local runs. It may cache what is in the database, because no other process writes to it. */
export const LOCAL_ENTRY = join(projectRoot, 'src/embedded/index.ts')

const OPTIONS = [
  '--bundle',
  '--format=esm',
  '--platform=neutral',
  '--target=es2024',
  '--conditions=workerd,worker,browser',
  '--main-fields=module,main',
  '--external:cloudflare:*',
  '--external:node:*',
  '--minify-syntax',
  '--minify-whitespace',
  '--log-level=warning',
]

const BROWSER_OPTIONS = [
  '--bundle',
  '--format=esm',
  '--target=es2024,chrome123,firefox120,safari17.5',
  '--jsx=automatic',
  '--jsx-import-source=preact',
  '--minify',
  '--log-level=warning',
]

/**
 * Bundles scripts and styles for browsers into `folder`.
 * @param entries `name=path` of each
 * @throws StartFailure when one does not compile, with esbuild's messages
 */
export async function bundleForBrowsers(entries: readonly string[], folder: string): Promise<void> {
  await runEsbuild([...entries, ...BROWSER_OPTIONS, `--outdir=${folder}`], 'the console')
}

/**
 * Bundles the Worker whose entry is at `main`. esbuild runs as a process and not through its JavaScript API, whose messages
 * would wait while Node's event loop is busy with migrations.
 * @param options.shortNames replaces the sources' names by short ones: a third less for a start to parse, but stack traces that
 *   name no function
 * @throws StartFailure when the source does not compile, with esbuild's messages
 */
export const bundleWorker = (main: string, { shortNames = false } = {}): Promise<string> =>
  runEsbuild([main, ...OPTIONS, ...(shortNames ? ['--minify-identifiers'] : [])], main)

async function runEsbuild(args: readonly string[], what: string): Promise<string> {
  try {
    const options = { cwd: projectRoot, maxBuffer: 64 * 1024 * 1024 }
    const { stdout } = await promisify(execFile)(esbuildPath(), args, options)
    return stdout
  } catch (error) {
    const account = typeof error === 'object' && error !== null && 'stderr' in error ? error.stderr : error
    throw new StartFailure(`${what} could not be bundled: ${account}`, { cause: error })
  }
}

/** The native executable. The one in node_modules/.bin may be a script, which would start a second Node to find it. */
function esbuildPath(): string {
  const { platform, arch } = process
  const program = platform === 'win32' ? 'esbuild.exe' : 'bin/esbuild'
  return createRequire(import.meta.resolve('esbuild')).resolve(`@esbuild/${platform}-${arch}/${program}`)
}
