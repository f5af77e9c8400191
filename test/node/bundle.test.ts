// The Worker as it is deployed: without what only local runs have. How large its upload is stands in deployed-bundle.test.ts.
import { resolve } from 'node:path'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { bundleWorker, LOCAL_ENTRY } from '../../src/node/build/bundle.ts'

const bundle = await bundleWorker(resolve('src/index.ts'))

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
