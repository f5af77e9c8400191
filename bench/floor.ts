// Serves the floor on PORT: the same runtime with the same database as the tenant's, but another Worker.
import { join } from 'node:path'
import { bundleWorker } from '../src/node/bundle.ts'
import { readWorkerConfig } from '../src/node/config.ts'
import { openPreparedRuntime } from '../src/node/prepare.ts'
import { changeRuntime } from '../src/node/runtime.ts'
import { serve } from './serve.ts'

await serve(async (port, stateDir) => {
  const worker = readWorkerConfig()
  const runtime = await openPreparedRuntime(worker, { stateDir })
  const script = await bundleWorker(join(import.meta.dirname, 'floor.worker.ts'))
  await changeRuntime(runtime, worker, { stateDir, port, script })
  return () => runtime.dispose()
})
