// `npm run dev`: wrangler's development server, which reloads as files change, on the same data as `npm start`.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { join } from 'node:path'
import { refuseArguments } from './command/arguments.ts'
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
function runWrangler(port: number, stateDir: string, envFiles: readonly string[]): void {
  const files = envFiles.flatMap((file) => ['--env-file', file])
  const args = ['dev', '--persist-to', stateDir, '--port', String(port), '--ip', '127.0.0.1', ...files]
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

/** Files with the Worker's variables: what makes the run a local one, and the developer's own, if there are any. */
async function writeEnvFiles(stateDir: string, variables: Record<string, string>): Promise<string[]> {
  const file = join(stateDir, 'dev.vars')
  const lines = Object.entries({ LOCAL: 'true', ...variables }).map(([name, value]) => `${name}='${value}'`)
  await rm(file, { force: true })
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 })
  const own = join(projectRoot, '.dev.vars')
  return existsSync(own) ? [file, own] : [file]
}

try {
  refuseArguments('npm run dev', process.argv.slice(2))
  const { port, stateDir, variables } = readRunConfig(process.env, localState)
  const ENCRYPTION_KEY = await prepareState(readWorkerConfig(), stateDir, variables['ENCRYPTION_KEY'])
  runWrangler(port, stateDir, await writeEnvFiles(stateDir, { ...variables, ENCRYPTION_KEY }))
} catch (error) {
  console.error(error instanceof StartFailure ? error.message : error)
  process.exit(1)
}
