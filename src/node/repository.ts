// The tenant as its sources stand: bundled anew for every start, its database migrated and seeded by Node.
import { bundleWorker, LOCAL_ENTRY } from './bundle.ts'
import { readWorkerConfig } from './config.ts'
import { prepareState } from './prepare.ts'
import type { TenantSource } from './tenant.ts'

/** As `configFile` says; without it, wrangler.toml. */
export const repositoryOf = (configFile?: string): TenantSource => ({
  config: () => readWorkerConfig(configFile),
  script: () => bundleWorker(LOCAL_ENTRY),
  prepare: (stateDir, key) => prepareState(readWorkerConfig(configFile), stateDir, key),
})

export const repository = repositoryOf()
