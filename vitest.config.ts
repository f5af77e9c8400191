// Tests of operations run inside workerd against a real D1; tests of the command line run in Node. `npm test` runs them all. Some
// of them, by a part of their files' names: `npm run test:room -- setting` for those of a room's operations, in seconds, and
// `npm run test:room -- get-setting -t 401` for one; `npm run test:node -- backup` for those of the command line.
import { randomBytes } from 'node:crypto'
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { buildConsole } from './src/node/build/console.ts'

/** Tests that run in Node; all others run in workerd. */
const NODE = ['test/node/*.test.ts', 'test/regressions/*.node.test.ts']

// Its pages are served by the Worker under test, as they are by all that serves it.
await buildConsole()

export default defineConfig(async () => ({
  test: {
    reporters: ['default', './test/support/slowest-files.ts', './test/support/never-seen.ts'],
    projects: [
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              bindings: {
                MIGRATIONS: await readD1Migrations('drizzle'),
                LOG: 'off',
                FUZZ_SECONDS: process.env['FUZZ_SECONDS'] ?? '',
                LOCAL: 'true',
                // The tests' own hosts, and the origins that a deployment allows.
                ALLOWED_HOSTS: 'tenant.example, other.example',
                CORS_ORIGINS: '*',
                ENCRYPTION_KEY: randomBytes(32).toString('base64url'),
              },
              // Stand-ins for replicas and for a second database, beside the real one.
              d1Databases: { REPLICA_1: 'replica-1', REPLICA_2: 'replica-2', SECOND: 'second' },
            },
          }),
        ],
        test: {
          name: 'worker',
          // Property tests on a busy machine.
          testTimeout: 30_000,
          // A file has a database of its own, but no isolate: to make one takes longer than most files do.
          isolate: false,
          // Each waits for its runtime about as long as it works.
          maxWorkers: 2,
          include: ['test/*/*.test.ts'],
          exclude: [...NODE, 'test/deploy/*.test.ts'],
          setupFiles: ['test/support/tenant.setup.ts'],
        },
      },
      // Takes minutes, and runs by `npm run test:deploy` alone.
      { test: { name: 'deploy', include: ['test/deploy/*.test.ts'], fileParallelism: false } },
      // Two at once: half of a file's time it waits for processes to start and to end.
      { test: { name: 'node', include: NODE, testTimeout: 60_000, maxWorkers: 2 } },
    ],
  },
}))
