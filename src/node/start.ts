// `npm start`: one tenant on PORT with its data in STATE_DIR, until it is told to stop.
import { refuseArguments } from './command/arguments.ts'
import { localState, readWorkerConfig } from './config.ts'
import { repository } from './repository.ts'
import { readRunConfig } from './run-config.ts'
import { serveTenant } from './serve.ts'
import { StartFailure } from './start-failure.ts'

try {
  refuseArguments('npm start', process.argv.slice(2))
  const { notCarried } = readWorkerConfig()
  await serveTenant(repository, {
    ...readRunConfig(process.env, localState),
    ...(notCarried.length > 0 && {
      onReady: async () => `of wrangler.toml, this run goes without: ${notCarried.join(', ')}`,
    }),
  })
} catch (error) {
  console.error(error instanceof StartFailure ? error.message : error)
  process.exit(1)
}
