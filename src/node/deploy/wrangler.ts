// Runs wrangler for a deployment. All other files take a `Wrangler` as a parameter, so that tests need no account.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { projectRoot } from '../config/config.ts'

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
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: projectRoot,
    env: { ...CACHE, ...inherited, ...QUIET, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // Without this process it would go on with a deployment whose files are gone.
  const end = () => child.kill()
  process.once('exit', end)
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  process.off('exit', end)
  return { code, stdout, stderr }
}
