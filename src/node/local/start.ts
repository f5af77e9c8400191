// `npm start`: a server on PORT with its data in STATE_DIR, until a signal stops it.
import { refuseArguments } from '../cli/arguments.ts'
import { localState, readWorkerConfig } from '../config/config.ts'
import { readRunConfig } from '../config/run-config.ts'
import { StartFailure } from '../start-failure.ts'
import { repository } from './repository.ts'
import { runServer } from './serve.ts'

try {
  refuseArguments('npm start', process.argv.slice(2))
  const { notCarried } = readWorkerConfig()
  await runServer(repository, {
    ...readRunConfig(process.env, localState),
    ...(notCarried.length > 0 && {
      onReady: async () => `of wrangler.toml, this run goes without: ${notCarried.join(', ')}`,
    }),
  })
} catch (error) {
  console.error(error instanceof StartFailure ? error.message : error)
  process.exit(1)
}
