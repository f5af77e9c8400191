// `npm run backup`: a copy of the database, of the local tenant or of a deployment, while it serves.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { backUpLocal } from './backup/local.ts'
import { localState, readWorkerConfig } from './config.ts'
import { codeOf, messageOf } from './error-details.ts'
import { readRunConfig } from './run-config.ts'
import { StartFailure } from './start-failure.ts'

const USAGE =
  'npm run backup -- [FILE]                 the local tenant in STATE_DIR\nnpm run backup -- --remote [--env NAME] [FILE]  a deployment'

async function run(): Promise<string> {
  const options = { remote: { type: 'boolean', default: false }, env: { type: 'string' } } as const
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const { remote, env } = values
  if (positionals.length > 1 || (env !== undefined && !remote)) throw new StartFailure(USAGE)
  const now = new Date().toISOString().replace(/[:.]/g, '-')
  const file = resolve(positionals[0] ?? `backup-${now}.${remote ? 'sql' : 'sqlite'}`)
  if (existsSync(file)) throw new StartFailure(`${file} is there already`)
  if (remote) {
    // Only here: wrangler takes longer to load than a local copy takes.
    const { backUpDeployment } = await import('./backup/deployment.ts')
    const { readTarget } = await import('./deploy/target.ts')
    const { runWrangler } = await import('./deploy/wrangler.ts')
    return await backUpDeployment(readTarget(env), file, runWrangler)
  }
  return backUpLocal(readWorkerConfig(), readRunConfig(process.env, localState).stateDir, file)
}

try {
  console.log(await run())
} catch (error) {
  console.error(
    error instanceof StartFailure || String(codeOf(error)).startsWith('ERR_PARSE_ARGS') ? messageOf(error) : error,
  )
  process.exitCode = 1
}
