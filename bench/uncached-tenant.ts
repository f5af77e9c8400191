// Serves the tenant of `npm start` on PORT with its cache off. The first argument says, as JSON, what to fill it with;
// it can be reached when that is done.
import { bundleWorker } from '../src/node/bundle.ts'
import { readWorkerConfig } from '../src/node/config.ts'
import { LocalD1 } from '../src/node/local-d1.ts'
import { localD1Path } from '../src/node/local-d1-path.ts'
import { prepareState } from '../src/node/prepare.ts'
import { repository } from '../src/node/repository.ts'
import { openTenant, type TenantSource } from '../src/node/tenant.ts'
import { type Fill, fill } from './fill.ts'
import { serve } from './serve.ts'

/** The Worker as it is deployed, in the place of the one that remembers. */
const deployed: TenantSource = { ...repository, script: () => bundleWorker(readWorkerConfig().main) }

await serve(async (port, stateDir) => {
  const wanted: Partial<Fill> = JSON.parse(process.argv[2] ?? '{}')
  if (Object.keys(wanted).length > 0) {
    const worker = readWorkerConfig()
    await prepareState(worker, stateDir)
    const database = new LocalD1(localD1Path(stateDir, worker.databases[0].id))
    await fill(database, wanted)
    database.close()
  }
  const tenant = await openTenant(deployed, { port, stateDir, variables: { LOG: 'off' } })
  return () => tenant.stop()
})
