// Serves the Worker that only signs on PORT, on workerd as `npm start` configures it.
import { join } from 'node:path'
import { bundleWorker } from '../src/node/build/bundle.ts'
import { readWorkerConfig } from '../src/node/config/config.ts'
import { openRuntime } from '../src/node/runtime/runtime.ts'
import { serve } from './serve.ts'

await serve(async (port, stateDir) => {
  const script = await bundleWorker(join(import.meta.dirname, 'signer.worker.ts'))
  const runtime = await openRuntime(readWorkerConfig(), { stateDir, port, script })
  return () => runtime.stop()
})
