// `npm run restore`: puts back what `npm run backup` has kept, in one step.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { restoreLocal } from './backup/local.ts'
import { localState, readWorkerConfig } from './config.ts'
import { codeOf, messageOf } from './error-details.ts'
import { readRunConfig } from './run-config.ts'
import { StartFailure } from './start-failure.ts'

const USAGE =
  'npm run restore -- FILE [--replace]          into STATE_DIR, whose tenant is stopped\nnpm run restore -- FILE --remote [--env NAME]  into the empty database of a deployment'

async function run(): Promise<string> {
  const options = {
    remote: { type: 'boolean', default: false },
    replace: { type: 'boolean', default: false },
    env: { type: 'string' },
  } as const
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const { remote, env, replace } = values
  const [given, ...more] = positionals
  if (given === undefined || more.length > 0 || (env !== undefined && !remote)) throw new StartFailure(USAGE)
  const file = resolve(given)
  if (!existsSync(file)) throw new StartFailure(`${file} is not there`)
  if (remote) {
    // Only here: wrangler takes longer to load than a local copy takes.
    const { restoreDeployment } = await import('./backup/deployment.ts')
    const { readTarget } = await import('./deploy/target.ts')
    const { runWrangler } = await import('./deploy/wrangler.ts')
    return await restoreDeployment(readTarget(env), file, runWrangler)
  }
  const { port, stateDir } = readRunConfig(process.env, localState)
  return await restoreLocal(readWorkerConfig(), { port, stateDir, file, replace })
}

try {
  console.log(await run())
} catch (error) {
  console.error(
    error instanceof StartFailure || String(codeOf(error)).startsWith('ERR_PARSE_ARGS') ? messageOf(error) : error,
  )
  process.exitCode = 1
}
