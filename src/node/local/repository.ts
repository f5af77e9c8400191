// The server's code and database from the repository's sources: the Worker is bundled when any of them has changed, and Node
// migrates the database.
import { readFileSync } from 'node:fs'
import { LOCAL_ENTRY } from '../build/bundle.ts'
import { cachedBundle } from '../build/cached-bundle.ts'
import { buildConsole } from '../build/console.ts'
import { readWorkerConfig } from '../config/config.ts'
import type { ServerSource } from '../runtime/server.ts'
import { migrateDatabases, stateKey } from '../state/prepare.ts'

/** The source that `configFile`, by default wrangler.toml, describes. */
export const repositoryOf = (configFile?: string): ServerSource => ({
  config: () => readWorkerConfig(configFile),
  script: async () => {
    const [file] = await Promise.all([cachedBundle(LOCAL_ENTRY), buildConsole()])
    return readFileSync(file, 'utf8')
  },
  encryptionKey: stateKey,
  migrate: (stateDir) => migrateDatabases(readWorkerConfig(configFile), stateDir),
})

export const repository = repositoryOf()
