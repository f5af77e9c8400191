// Serves the floor on PORT: Hono and one statement, on D1 as the standard tools serve it. With the argument `session` it asks in a
// D1 session.
import { join } from 'node:path'
import { bundleWorker } from '../src/node/build/bundle.ts'
import { readWorkerConfig } from '../src/node/config/config.ts'
import { prepareState } from '../src/node/state/prepare.ts'
import { openMiniflare } from './miniflare.ts'
import { serve } from './serve.ts'

await serve(async (port, stateDir) => {
  const worker = readWorkerConfig()
  await prepareState(worker, stateDir)
  const script = await bundleWorker(join(import.meta.dirname, 'floor.worker.ts'))
  const variables: Record<string, string> = process.argv[2] === 'session' ? { SESSION: 'true' } : {}
  return openMiniflare(worker, { stateDir, port, script, variables })
})
