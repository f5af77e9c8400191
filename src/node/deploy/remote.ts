// `npm run remote -- [--env NAME] COMMAND`: runs a command of wrangler on the deployment that is there. Its database is DB.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { UsageError } from '../cli/usage.ts'
import { projectRoot } from '../config/config.ts'
import { messageOf } from '../error-details.ts'
import { withDeployed } from './deployed.ts'
import { readTarget } from './target.ts'
import { PROGRAM, runWrangler } from './wrangler.ts'

const USAGE = 'npm run remote -- [--env NAME] COMMAND, as in: npm run remote -- d1 time-travel info DB'

/** What would pass by the steps of a deployment, and what does them. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  deploy: 'npm run deploy',
  versions: 'npm run deploy',
  delete: 'npm run destroy',
}

/** @throws UsageError for what is no command for a deployment */
function readCommand([first, second, ...rest]: readonly string[]) {
  const env = first === '--env' ? second : undefined
  const args = first === '--env' ? rest : [first, second, ...rest].filter((arg) => arg !== undefined)
  const [command] = args
  if (command === undefined || (first === '--env' && !env)) throw new UsageError(`a command is missing; ${USAGE}`)
  const instead = command === 'versions' && args[1] !== 'upload' ? undefined : ELSEWHERE[command]
  if (instead !== undefined) throw new UsageError(`${args.slice(0, 2).join(' ')} has a command of its own: ${instead}`)
  const own = args.find((arg) => /^(?:--config|-c|--env|-e)(?:=|$)/.test(arg))
  if (own !== undefined) throw new UsageError(`${own} cannot be given to wrangler here; ${USAGE}`)
  return { env, args }
}

/** Runs wrangler at this terminal, so that it can ask; resolves to its exit code. */
function runHere(args: readonly string[], file: string, accountId: string): Promise<number> {
  const child = spawn(process.execPath, [PROGRAM, ...args, '--config', file], {
    cwd: projectRoot,
    env: {
      ...process.env,
      WRANGLER_SEND_METRICS: 'false',
      CLOUDFLARE_ENV: undefined,
      CLOUDFLARE_ACCOUNT_ID: accountId,
    },
    stdio: 'inherit',
  })
  // The terminal sends an interrupt to both; this process stays to remove the configuration.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => child.kill(name))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGTERM']))
  })
}

try {
  const { env, args } = readCommand(process.argv.slice(2))
  process.exitCode = await withDeployed(readTarget(env), runWrangler, ({ access, found }) =>
    runHere(args, found.file, access.accountId),
  )
} catch (error) {
  console.error(messageOf(error))
  process.exitCode = 1
}
