// The server's code and database from the repository's sources: the Worker is bundled at every start, and Node migrates and
// seeds the database.
import { bundleWorker, LOCAL_ENTRY } from '../build/bundle.ts'
import { buildConsole } from '../build/console.ts'
import { readWorkerConfig } from '../config/config.ts'
import type { ServerSource } from '../runtime/server.ts'
import { prepareState } from '../state/prepare.ts'

/** The source that `configFile`, by default wrangler.toml, describes. */
export const repositoryOf = (configFile?: string): ServerSource => ({
  config: () => readWorkerConfig(configFile),
  script: async () => {
    const [script] = await Promise.all([bundleWorker(LOCAL_ENTRY), buildConsole()])
    return script
  },
  prepare: (stateDir, key) => prepareState(readWorkerConfig(configFile), stateDir, key),
})

export const repository = repositoryOf()
