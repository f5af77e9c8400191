// `npm run freeze -- REVISION`: keeps the Worker of a released version beside the tests, with the names of the migrations it
// came with, so that today's version can be tried against it where there is no history. Run it when a version is released.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { bundleWorker } from '../../src/node/bundle.ts'
import { projectRoot } from '../../src/node/config.ts'

const [revision = 'HEAD'] = process.argv.slice(2)
const git = (...args: string[]) => execFileSync('git', args, { cwd: projectRoot, maxBuffer: 2 ** 28 })

const folder = mkdtempSync(join(tmpdir(), 'identity-edge-freeze-'))
try {
  execFileSync('tar', ['-x', '-C', folder], { input: git('archive', revision) })
  symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'node_modules'))
  const script = await bundleWorker(join(folder, 'src/index.ts'))
  const { version }: { version: string } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const commit = git('rev-parse', '--short', revision).toString().trim()
  const migrations = readdirSync(join(folder, 'drizzle'))
    .filter((name) => name.endsWith('.sql'))
    .sort()
  writeFileSync(join(import.meta.dirname, 'worker.js.gz'), gzipSync(script, { level: 9 }))
  writeFileSync(
    join(import.meta.dirname, 'version.json'),
    `${JSON.stringify({ version, commit, migrations }, null, 2)}\n`,
  )
  console.log(`version ${version} (${commit}), ${migrations.length} migrations`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
