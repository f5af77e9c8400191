// `npm run freeze -- REVISION`: keeps the Worker of a released version beside the tests, with the migrations it came
// with, so that today's version can be tried against it where there is no history. Run it when a version is released.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { bundleWorker } from '../../src/node/build/bundle.ts'
import { projectRoot } from '../../src/node/config/config.ts'

const [revision = 'HEAD'] = process.argv.slice(2)
const git = (...args: string[]) => execFileSync('git', args, { cwd: projectRoot, maxBuffer: 2 ** 28 })

const folder = mkdtempSync(join(tmpdir(), 'identity-edge-freeze-'))
try {
  execFileSync('tar', ['-x', '-C', folder], { input: git('archive', revision) })
  symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'node_modules'))
  const script = await bundleWorker(join(folder, 'src/index.ts'))
  const { version }: { version: string } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const commit = git('rev-parse', '--short', revision).toString().trim()
  const drizzle = join(folder, 'drizzle')
  const names = readdirSync(drizzle).filter((name) => name.endsWith('.sql'))
  const digest = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(drizzle, name)))
      .digest('hex')
  const migrations = Object.fromEntries(names.sort().map((name) => [name, digest(name)]))
  writeFileSync(join(import.meta.dirname, 'worker.js.gz'), gzipSync(script, { level: 9 }))
  writeFileSync(
    join(import.meta.dirname, 'version.json'),
    `${JSON.stringify({ version, commit, migrations }, null, 2)}\n`,
  )
  console.log(`version ${version} (${commit}), ${names.length} migrations`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
