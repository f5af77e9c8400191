// Runs the server of `npm start` on PORT with its cache off. The first argument says, as JSON, what to fill it with;
// it can be reached when that is done.
import { bundleWorker } from '../src/node/build/bundle.ts'
import { readWorkerConfig } from '../src/node/config/config.ts'
import { openRuntime } from '../src/node/runtime/runtime.ts'
import { LocalD1 } from '../src/node/state/local-d1.ts'
import { localD1Path } from '../src/node/state/local-d1-path.ts'
import { prepareState } from '../src/node/state/prepare.ts'
import { type Fill, fill } from './fill.ts'
import { serve } from './serve.ts'

await serve(async (port, stateDir) => {
  const wanted: Partial<Fill> = JSON.parse(process.argv[2] ?? '{}')
  const worker = readWorkerConfig()
  const ENCRYPTION_KEY = await prepareState(worker, stateDir)
  if (Object.keys(wanted).length > 0) {
    const database = new LocalD1(localD1Path(stateDir, worker.databases[0].id))
    await fill(database, wanted)
    database.close()
  }
  // As it is deployed: it remembers nothing of its database.
  const script = await bundleWorker(worker.main)
  const runtime = await openRuntime(worker, { port, stateDir, script, variables: { LOG: 'off', ENCRYPTION_KEY } })
  return () => runtime.stop()
})
