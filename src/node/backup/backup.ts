// `npm run backup`: copies the database of a local server or of a deployment, while it runs.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { readArguments } from '../cli/arguments.ts'
import { UsageError } from '../cli/usage.ts'
import { localState, readWorkerConfig } from '../config/config.ts'
import { readRunConfig } from '../config/run-config.ts'
import { StartFailure } from '../start-failure.ts'
import { backUpLocal } from './local.ts'

const USAGE = 'npm run backup -- [FILE], or for a deployment: npm run backup -- --remote [--env NAME] [FILE]'

async function run(): Promise<string> {
  const options = { remote: { type: 'boolean', default: false }, env: { type: 'string' } } as const
  const { values, positionals } = readArguments(process.argv.slice(2), options)
  const { remote, env } = values
  const [, surplus] = positionals
  if (surplus !== undefined) throw new UsageError(`${surplus} is a file too many; ${USAGE}`)
  if (env !== undefined && !remote) throw new UsageError(`--env NAME goes with --remote; ${USAGE}`)
  const now = new Date().toISOString().replace(/[:.]/g, '-')
  const file = resolve(positionals[0] ?? `backup-${now}.${remote ? 'sql' : 'sqlite'}`)
  if (existsSync(file)) throw new StartFailure(`${file} is there already`)
  if (remote) {
    // Imported only here, because loading wrangler takes longer than a local copy.
    const { backUpDeployment } = await import('./deployment.ts')
    const { readTarget } = await import('../deploy/target.ts')
    const { runWrangler } = await import('../deploy/wrangler.ts')
    return await backUpDeployment(readTarget(env), file, runWrangler)
  }
  return backUpLocal(readWorkerConfig(), readRunConfig(process.env, localState).stateDir, file)
}

try {
  console.log(await run())
} catch (error) {
  console.error(error instanceof StartFailure ? error.message : error)
  process.exitCode = 1
}
