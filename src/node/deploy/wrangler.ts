// The one place that runs wrangler for a deployment. Everything else takes a `Wrangler`, so that it can be tried without an
// account.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { projectRoot } from '../config.ts'

export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

/** Runs wrangler to its end. It asks nothing: there is nobody at its input. */
export type Wrangler = (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Outcome>

const PROGRAM = join(projectRoot, 'node_modules/wrangler/bin/wrangler.js')

// wrangler is started a dozen times: what V8 has compiled of it is kept, which is a third of what a start takes.
const CACHE = { NODE_COMPILE_CACHE: join(projectRoot, 'node_modules/.cache/wrangler') }

// No usage reports and no look for updates; and no environment of wrangler's own, which would change names under us.
const QUIET = { CI: 'true', WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true', NO_COLOR: '1' }

export const runWrangler: Wrangler = async (args, env = {}) => {
  const { CLOUDFLARE_ENV: _, ...inherited } = process.env
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: projectRoot,
    env: { ...CACHE, ...inherited, ...QUIET, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return { code, stdout, stderr }
}
