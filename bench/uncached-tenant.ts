// Serves the tenant of `npm start` on PORT with its cache off. The first argument says, as JSON, what to fill it with;
// it can be reached when that is done.
import { readWorkerConfig } from '../src/node/config.ts'
import { LocalD1 } from '../src/node/local-d1.ts'
import { localD1Path } from '../src/node/local-d1-path.ts'
import { prepareState } from '../src/node/prepare.ts'
import { repository } from '../src/node/repository.ts'
import { openTenant } from '../src/node/tenant.ts'
import { type Fill, fill } from './fill.ts'
import { serve } from './serve.ts'

await serve(async (port, stateDir) => {
  const wanted: Partial<Fill> = JSON.parse(process.argv[2] ?? '{}')
  if (Object.keys(wanted).length > 0) {
    const worker = readWorkerConfig()
    await prepareState(worker, stateDir)
    const database = new LocalD1(localD1Path(stateDir, worker.databases[0].id))
    await fill(database, wanted)
    database.close()
  }
  const tenant = await openTenant(repository, { port, stateDir, variables: { EMBEDDED: '', LOG: 'off' } })
  return () => tenant.stop()
})
