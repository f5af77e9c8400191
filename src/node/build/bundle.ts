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

/**
 * Bundles the Worker whose entry is at `main`. esbuild runs as a process and not through its JavaScript API, whose messages
 * would wait while Node's event loop is busy with migrations.
 * @throws StartFailure when the source does not compile, with esbuild's messages
 */
export async function bundleWorker(main: string): Promise<string> {
  try {
    const options = { cwd: projectRoot, maxBuffer: 64 * 1024 * 1024 }
    const { stdout } = await promisify(execFile)(esbuildPath(), [main, ...OPTIONS], options)
    return stdout
  } catch (error) {
    const account = typeof error === 'object' && error !== null && 'stderr' in error ? error.stderr : error
    throw new StartFailure(`${main} could not be bundled: ${account}`, { cause: error })
  }
}

/** The native executable. The one in node_modules/.bin may be a script, which would start a second Node to find it. */
function esbuildPath(): string {
  const { platform, arch } = process
  const program = platform === 'win32' ? 'esbuild.exe' : 'bin/esbuild'
  return createRequire(import.meta.resolve('esbuild')).resolve(`@esbuild/${platform}-${arch}/${program}`)
}
