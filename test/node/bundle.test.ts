// The Worker as it is deployed: small, and without what only local runs have.
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { bundleWorker, LOCAL_ENTRY } from '../../src/node/bundle.ts'

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

/** The sources whose code is in the bundle of `entry`. */
async function sourcesOf(entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    external: ['cloudflare:*', 'node:*'],
  })
  const [output] = Object.values(metafile.outputs)
  return Object.entries(output?.inputs ?? {}).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : []))
}

test('has no byte of what local runs remember, which local runs have', async () => {
  const embedded = (sources: readonly string[]) => sources.filter((path) => path.includes('src/embedded/'))
  expect(embedded(await sourcesOf('src/index.ts'))).toEqual([])
  expect(embedded(await sourcesOf(LOCAL_ENTRY)).length).toBeGreaterThan(3)
})
