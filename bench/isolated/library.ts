// An isolated test as its author writes it: a fork with a token, and its end.
import { startTestTenant } from '../../src/node/library/start-test-tenant.ts'
import { repository } from '../../src/node/local/repository.ts'

/** Starts a server, and returns the test and what ends the server. */
export async function openLibrary() {
  const tenant = await startTestTenant(repository, { journal: false })
  return {
    test: async () => {
      const fork = await tenant.fork({ token: true, journal: false })
      await fork.token()
      await fork.stop()
    },
    stop: () => tenant.stop(),
  }
}
