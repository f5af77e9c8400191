// `npm start`: one tenant on PORT with its data in STATE_DIR, until it is told to stop.
import { refuseArguments } from './command/arguments.ts'
import { localState } from './config.ts'
import { repository } from './repository.ts'
import { readRunConfig } from './run-config.ts'
import { serveTenant } from './serve.ts'
import { StartFailure } from './start-failure.ts'

try {
  refuseArguments('npm start', process.argv.slice(2))
  await serveTenant(repository, readRunConfig(process.env, localState))
} catch (error) {
  console.error(error instanceof StartFailure ? error.message : error)
  process.exit(1)
}
