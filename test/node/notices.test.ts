// The package hands on the licence of everything that is bundled into it.
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { BUNDLED, licenceNotices } from '../../src/node/build/notices.ts'

/** What the bundles of the package are made of, and Swagger UI, which is copied into it. */
async function bundled(): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: ['src/embedded/index.ts', 'src/node/state/migrate.worker.ts', 'src/console/main.tsx'],
    outdir: 'dist',
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    conditions: ['workerd', 'worker', 'browser'],
    mainFields: ['module', 'main'],
    external: ['cloudflare:*', 'node:*'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
  })
  const names = Object.keys(metafile.inputs).flatMap((path) => {
    const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? []
    return name ?? []
  })
  return [...new Set([...names, 'swagger-ui-dist'])].sort()
}

it('names each of them, with its licence', async () => {
  const notices = await licenceNotices()

  expect(BUNDLED.toSorted()).toEqual(await bundled())
  for (const name of BUNDLED)
    expect(notices).toMatch(new RegExp(`^${name} [\\d.]+ \\((MIT|Apache-2.0)\\)\\n\\n.{100}`, 'ms'))
})
