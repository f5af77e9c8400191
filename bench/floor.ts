// Serves the floor on PORT: the same runtime with the same database as the tenant's, but another Worker.
import { join } from 'node:path'
import { bundleWorker } from '../src/node/bundle.ts'
import { readWorkerConfig } from '../src/node/config.ts'
import { prepareState } from '../src/node/prepare.ts'
import { openRuntime } from '../src/node/runtime.ts'
import { serve } from './serve.ts'

await serve(async (port, stateDir) => {
  const worker = readWorkerConfig()
  await prepareState(worker, stateDir)
  const script = await bundleWorker(join(import.meta.dirname, 'floor.worker.ts'))
  const runtime = await openRuntime(worker, { stateDir, port, script })
  return () => runtime.stop()
})
