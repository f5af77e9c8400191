// A server answers from its first answer on as one that has long been ready, whatever a start before has left.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { readWorkerConfig } from '../../src/node/config/config.ts'
import { migrateDatabases } from '../../src/node/state/prepare.ts'
import { cleanUp, fetchToken, newPlace, runCommand, startTenant } from './command.ts'
import { readSmtpPort } from './smtp-port.ts'

afterEach(cleanUp)

it('whoever calls as soon as the port is open is answered by the documented organization', async () => {
  const place = await newPlace()
  const command = runCommand(place, process.execPath, 'src/node/local/start.ts')
  const url = `http://127.0.0.1:${place.PORT}`
  const token = await firstToken(url)

  expect(await readSmtpPort({ ...command, url, token })).toBe('587')
})

/** Nobody listens at first: that, and no answer, makes `fetch` throw a TypeError. */
async function firstToken(url: string): Promise<string> {
  for (;;) {
    try {
      return await fetchToken(url)
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      await sleep(1)
    }
  }
}

it('data that a start has only migrated before it was killed is seeded by the next', async () => {
  const place = await newPlace()
  await migrateDatabases(readWorkerConfig(), place.STATE_DIR)
  const tenant = await startTenant(place)

  expect(await readSmtpPort(tenant)).toBe('587')
})
