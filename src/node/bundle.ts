// Turns a Worker's TypeScript into the one module workerd runs, under the conditions wrangler bundles with, so that a
// dependency resolves to the same build here and in a deployment.
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from './config.ts'
import { StartFailure } from './start-failure.ts'

/** The Worker of local runs, which has a runtime and its database to itself. */
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
 * Bundles the Worker whose entry is at `main`, in a process that needs nothing of this one until it is done: esbuild's
 * own interface would wait for whatever Node is busy with.
 * @throws StartFailure when the source does not compile, with esbuild's account of where
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

/** The program itself. What npm links in its place may be a script that starts Node once more to find it. */
function esbuildPath(): string {
  const { platform, arch } = process
  const program = platform === 'win32' ? 'esbuild.exe' : 'bin/esbuild'
  return createRequire(import.meta.resolve('esbuild')).resolve(`@esbuild/${platform}-${arch}/${program}`)
}
