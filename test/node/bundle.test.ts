// The Worker as it is deployed: small, and without what only local runs have.
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { bundleWorker } from '../../src/node/bundle.ts'

const bundle = await bundleWorker(resolve('src/index.ts'))

test('is below 130 KB of gzip, so that an isolate starts at once', () => {
  const bytes = gzipSync(bundle).length
  console.log(`${Math.round(bytes / 1024)} KB gzip, ${Math.round(bundle.length / 1024)} KB`)
  expect(bytes).toBeLessThan(130 * 1024)
})

test.each(['hogwarts-admin', 'host-admin-secret', 'magic-7', 'her-1909'])(
  'does not contain %s of the local seed',
  (seed) => {
    expect(bundle).not.toContain(seed)
  },
)
