// `npm run dev`: wrangler's development server, which reloads when sources change, on the same data as `npm start`.
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { join } from 'node:path'
import { buildConsole } from '../build/console.ts'
import { refuseArguments } from '../cli/arguments.ts'
import { localState, projectRoot, readWorkerConfig } from '../config/config.ts'
import { readRunConfig } from '../config/run-config.ts'
import { spawnGuarded } from '../runtime/orphan-guard.ts'
import { watchParent } from '../runtime/parent-watch.ts'
import { StartFailure } from '../start-failure.ts'
import { type DirectoryLock, lockDirectory } from '../state/directory-lock.ts'
import { prepareState } from '../state/prepare.ts'
import { consoleAddress } from './announce.ts'

const WRANGLER = join(projectRoot, 'node_modules/wrangler/bin/wrangler.js')

// Keeps wrangler from calling Cloudflare, as `npm start` does not either: no usage reports, no request for `request.cf`.
const QUIET = { WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false' }

/** The user's own variables, which go before those of the run. */
const ownVariables = join(projectRoot, '.dev.vars')

/** Runs `wrangler dev` and exits with its exit code. */
function runWrangler(port: number, stateDir: string, envFiles: readonly string[], lock: DirectoryLock): void {
  const files = envFiles.flatMap((file) => ['--env-file', file])
  const args = ['dev', '--persist-to', stateDir, '--port', String(port), '--ip', '127.0.0.1', ...files]
  const wrangler = spawnGuarded('TERM', process.execPath, [WRANGLER, ...args], {
    cwd: projectRoot,
    // It inherits the lock, so that the directory stays locked until both have ended.
    stdio: ['inherit', 'inherit', 'inherit', lock.descriptor ?? 'ignore'],
    env: { ...QUIET, ...process.env },
  })
  watchParent(() => wrangler.kill('SIGTERM'))
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => wrangler.kill(name))
  }
  wrangler.once('exit', (code, signal) => {
    process.exit(code ?? (signal === null ? 1 : 128 + constants.signals[signal]))
  })
}

/**
 * Writes the run's variables to a file that only its owner may read; returns its path, and that of .dev.vars if there is
 * one.
 */
async function writeEnvFiles(stateDir: string, variables: Record<string, string>): Promise<string[]> {
  const file = join(stateDir, 'dev.vars')
  const lines = Object.entries({ LOCAL: 'true', ...variables }).map(([name, value]) => `${name}='${value}'`)
  await rm(file, { force: true })
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 })
  return existsSync(ownVariables) ? [file, ownVariables] : [file]
}

/** Prints where the console is, with the token only if its user did not choose it. */
function announceConsole(port: number, token: string | undefined): void {
  // Wrangler chooses the port where it is 0.
  if (port === 0 || token === undefined) return
  const isChosen = Boolean(process.env['CONTROL_TOKEN']) || existsSync(ownVariables)
  console.log(`console on ${consoleAddress(`http://127.0.0.1:${port}`, isChosen ? undefined : token)}`)
}

try {
  refuseArguments('npm run dev', process.argv.slice(2))
  const { port, stateDir, variables } = readRunConfig(process.env, localState)
  const lock = await lockDirectory(stateDir, 'npm run dev')
  if (port !== 0) lock.serves(`http://127.0.0.1:${port}`)
  const ENCRYPTION_KEY = await prepareState(readWorkerConfig(), stateDir, variables['ENCRYPTION_KEY'])
  await buildConsole()
  announceConsole(port, variables['CONTROL_TOKEN'])
  runWrangler(port, stateDir, await writeEnvFiles(stateDir, { ...variables, ENCRYPTION_KEY }), lock)
} catch (error) {
  console.error(error instanceof StartFailure ? error.message : error)
  process.exit(1)
}
