// The tenant as its sources stand: bundled anew for every start, its database migrated and seeded by Node.
import { bundleWorker, LOCAL_ENTRY } from './bundle.ts'
import { readWorkerConfig } from './config.ts'
import { prepareState } from './prepare.ts'
import type { TenantSource } from './tenant.ts'

export const repository: TenantSource = {
  config: readWorkerConfig,
  script: () => bundleWorker(LOCAL_ENTRY),
  prepare: (stateDir, key) => prepareState(readWorkerConfig(), stateDir, key),
}
