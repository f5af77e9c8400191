// Runs wrangler for a deployment. All other files take a `Wrangler` as a parameter, so that tests need no account.
import { join } from 'node:path'
import { projectRoot } from '../config/config.ts'
import { spawnGuarded } from '../runtime/orphan-guard.ts'
import { type Outcome, outcomeOf } from '../runtime/outcome.ts'

/** Runs wrangler until it exits. Its standard input is closed, so that it cannot stop at a prompt. */
export type Wrangler = (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Outcome>

export const PROGRAM = join(projectRoot, 'node_modules/wrangler/bin/wrangler.js')

// A deployment starts wrangler a dozen times. Node's compile cache saves a third of each start.
const CACHE = { NODE_COMPILE_CACHE: join(projectRoot, 'node_modules/.cache/wrangler') }

// No usage reports, no check for updates, no colours. CLOUDFLARE_ENV is left out below: wrangler would append it to names.
const QUIET = { CI: 'true', WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true', NO_COLOR: '1' }

export const runWrangler: Wrangler = (args, env = {}) => {
  const { CLOUDFLARE_ENV: _, ...inherited } = process.env
  // Guarded: without this process it would go on with a deployment whose files are gone.
  const child = spawnGuarded('TERM', process.execPath, [PROGRAM, ...args], {
    cwd: projectRoot,
    env: { ...CACHE, ...inherited, ...QUIET, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return outcomeOf(child)
}
