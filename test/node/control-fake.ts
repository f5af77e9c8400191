// Tenants whose Worker is the fake of the control plane.
import { join } from 'node:path'
import { bundleWorker } from '../../src/node/bundle.ts'
import { repository } from '../../src/node/repository.ts'
import type { TenantSource } from '../../src/node/tenant.ts'

export const fake: TenantSource = {
  config: repository.config,
  script: () => bundleWorker(join(import.meta.dirname, 'control-fake.worker.ts')),
  prepare: async () => {},
}
