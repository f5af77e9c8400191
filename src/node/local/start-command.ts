// What `npm start` runs: a server on PORT with its data in STATE_DIR, until a signal stops it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runServeCommand } from '../cli/serve-command.ts'
import { localState, projectRoot, readWorkerConfig } from '../config/config.ts'
import { StartFailure } from '../start-failure.ts'
import { repository } from './repository.ts'

try {
  const { notCarried } = readWorkerConfig()
  const served = {
    source: repository,
    state: localState,
    version: (): string => JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')).version,
    note: notCarried.length > 0 ? `of wrangler.toml, this run goes without: ${notCarried.join(', ')}` : undefined,
  }
  console.log(await runServeCommand(served, process.argv.slice(2), process.env))
} catch (error) {
  console.error(error instanceof StartFailure ? error.message : error)
  process.exit(1)
}
