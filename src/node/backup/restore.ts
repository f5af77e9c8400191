// `npm run restore`: replaces the database of a local server, or fills the empty one of a deployment, from a backup.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { readArguments } from '../cli/arguments.ts'
import { UsageError } from '../cli/usage.ts'
import { localState, readWorkerConfig } from '../config/config.ts'
import { readRunConfig } from '../config/run-config.ts'
import { StartFailure } from '../start-failure.ts'
import { restoreLocal } from './local.ts'

const USAGE =
  'npm run restore -- FILE [--replace], or into the empty database of a deployment: npm run restore -- FILE --remote [--env NAME]'

async function run(): Promise<string> {
  const options = {
    remote: { type: 'boolean', default: false },
    replace: { type: 'boolean', default: false },
    env: { type: 'string' },
  } as const
  const { values, positionals } = readArguments(process.argv.slice(2), options)
  const { remote, env, replace } = values
  const [given, ...more] = positionals
  if (given === undefined) throw new UsageError(`a file is missing; ${USAGE}`)
  if (more.length > 0) throw new UsageError(`${more[0]} is a file too many; ${USAGE}`)
  if (env !== undefined && !remote) throw new UsageError(`--env NAME goes with --remote; ${USAGE}`)
  if (replace && remote) throw new UsageError(`--replace is for STATE_DIR, not for --remote; ${USAGE}`)
  const file = resolve(given)
  if (!existsSync(file)) throw new StartFailure(`${file} is not there`)
  if (remote) {
    // Imported only here, because loading wrangler takes longer than a local restore.
    const { restoreDeployment } = await import('./deployment.ts')
    const { readTarget } = await import('../deploy/target.ts')
    const { runWrangler } = await import('../deploy/wrangler.ts')
    return await restoreDeployment(readTarget(env), file, runWrangler)
  }
  const { stateDir } = readRunConfig(process.env, localState)
  return await restoreLocal(readWorkerConfig(), { stateDir, file, replace })
}

try {
  console.log(await run())
} catch (error) {
  console.error(error instanceof StartFailure ? error.message : error)
  process.exitCode = 1
}
