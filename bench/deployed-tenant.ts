// Serves the tenant on PORT as a deployment runs it: every request reads D1, through D1's own binding.
import { readWorkerConfig } from '../src/node/config.ts'
import { repository } from '../src/node/repository.ts'
import { openMiniflare } from './miniflare.ts'
import { serve } from './serve.ts'

await serve(async (port, stateDir) => {
  const ENCRYPTION_KEY = await repository.prepare(stateDir, undefined)
  const variables = { LOCAL: 'true', LOG: 'off', ENCRYPTION_KEY }
  return openMiniflare(readWorkerConfig(), { stateDir, port, script: await repository.script(), variables })
})
