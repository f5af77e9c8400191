// `npm run dev`: wrangler's development server, which reloads as files change, on the same data as `npm start`.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import { localState, projectRoot, readWorkerConfig } from './config.ts'
import { guardChild } from './orphan-guard.ts'
import { watchParent } from './parent-watch.ts'
import { prepareState } from './prepare.ts'
import { readRunConfig } from './run-config.ts'
import { StartFailure } from './start-failure.ts'

const WRANGLER = join(projectRoot, 'node_modules/wrangler/bin/wrangler.js')

// As in `npm start`, nothing calls out: no usage reports, no request metadata from Cloudflare.
const QUIET = { WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false' }

/** Runs wrangler until it ends, and ends with its exit code. */
function runWrangler(port: number, stateDir: string): void {
  const args = ['dev', '--persist-to', stateDir, '--port', String(port), '--ip', '127.0.0.1']
  const wrangler = spawn(process.execPath, [WRANGLER, ...args], {
    cwd: projectRoot,
    stdio: 'inherit',
    env: { ...QUIET, ...process.env },
  })
  guardChild(wrangler, 'TERM')
  watchParent(() => wrangler.kill('SIGTERM'))
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => wrangler.kill(name))
  }
  wrangler.once('exit', (code, signal) => {
    process.exit(code ?? (signal === null ? 1 : 128 + constants.signals[signal]))
  })
}

try {
  const { port, stateDir } = readRunConfig(process.env, localState)
  await prepareState(readWorkerConfig(), stateDir)
  runWrangler(port, stateDir)
} catch (error) {
  console.error(error instanceof StartFailure ? error.message : error)
  process.exit(1)
}
