// Runs the server of `npm start` on PORT with its cache off. The first argument says, as JSON, what to fill it with;
// it can be reached when that is done.
import { bundleWorker } from '../src/node/build/bundle.ts'
import { readWorkerConfig } from '../src/node/config/config.ts'
import { repository } from '../src/node/local/repository.ts'
import { openServer, type ServerSource } from '../src/node/runtime/server.ts'
import { LocalD1 } from '../src/node/state/local-d1.ts'
import { localD1Path } from '../src/node/state/local-d1-path.ts'
import { prepareState } from '../src/node/state/prepare.ts'
import { type Fill, fill } from './fill.ts'
import { serve } from './serve.ts'

/** The Worker as it is deployed, in the place of the one that remembers. */
const deployed: ServerSource = { ...repository, script: () => bundleWorker(readWorkerConfig().main) }

await serve(async (port, stateDir) => {
  const wanted: Partial<Fill> = JSON.parse(process.argv[2] ?? '{}')
  if (Object.keys(wanted).length > 0) {
    const worker = readWorkerConfig()
    await prepareState(worker, stateDir)
    const database = new LocalD1(localD1Path(stateDir, worker.databases[0].id))
    await fill(database, wanted)
    database.close()
  }
  const server = await openServer(deployed, { port, stateDir, variables: { LOG: 'off' } })
  return () => server.stop()
})
