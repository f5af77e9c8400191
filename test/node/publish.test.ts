// What `npm publish` would publish: nothing that npm corrects, and the licence of everything that is bundled into it.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { BUNDLED, licenceNotices } from '../../src/node/build/notices.ts'
import { inCopy } from './installed-package.ts'

const run = promisify(execFile)

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

it('is published without a warning but that nobody is logged in', async () => {
  const { stderr } = await inCopy(async (cwd) => {
    // Before: npm looks for the package's commands before it has them built.
    await run('npm', ['run', 'build'], { cwd })
    return run('npm', ['publish', '--dry-run', '--ignore-scripts'], { cwd })
  })
  const warnings = stderr.split('\n').filter((line) => /^npm (?:warn|error)/.test(line))

  expect(warnings.filter((line) => !line.includes('requires you to be logged in'))).toEqual([])
})

it('NOTICES.txt has the licence of each package that is bundled', async () => {
  const notices = await licenceNotices()

  expect(BUNDLED.toSorted()).toEqual(await bundled())
  for (const name of BUNDLED)
    expect(notices).toMatch(new RegExp(`^${name} [\\d.]+ \\((MIT|Apache-2.0)\\)\\n\\n.{100}`, 'ms'))
})
