// Runs wrangler for a deployment. All other files take a `Wrangler` as a parameter, so that tests need no account.
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { projectRoot } from '../config/config.ts'
import { type GuardedOptions, spawnGuarded } from '../runtime/orphan-guard.ts'

/** The exit code and output of a wrangler process. */
export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

/** Runs wrangler until it exits. Its standard input is closed, so that it cannot stop at a prompt. */
export type Wrangler = (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Outcome>

export const PROGRAM = join(projectRoot, 'node_modules/wrangler/bin/wrangler.js')

// A deployment starts wrangler a dozen times. Node's compile cache saves a third of each start.
const CACHE = { NODE_COMPILE_CACHE: join(projectRoot, 'node_modules/.cache/wrangler') }

// No usage reports, no check for updates, no colours. CLOUDFLARE_ENV is left out below: wrangler would append it to names.
const QUIET = { CI: 'true', WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true', NO_COLOR: '1' }

export const runWrangler: Wrangler = async (args, env = {}) => {
  const { CLOUDFLARE_ENV: _, ...inherited } = process.env
  const options: GuardedOptions = {
    cwd: projectRoot,
    env: { ...CACHE, ...inherited, ...QUIET, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  }
  // Without this process it would go on with a deployment whose files are gone. The hook is for systems without the guard.
  const child = spawnGuarded(process.execPath, [PROGRAM, ...args], options, 'TERM')
  const end = () => child.kill()
  process.once('exit', end)
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
  const said = [child.stdout, child.stderr].map((stream) => (stream ? text(stream) : ''))
  const [code, stdout = '', stderr = ''] = await Promise.all([ended, ...said])
  process.off('exit', end)
  return { code, stdout, stderr }
}
