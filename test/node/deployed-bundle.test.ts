// The Worker as wrangler uploads it: minified, and yet its log says where an error was thrown.
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { SourceMap } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runWrangler } from '../../src/node/deploy/wrangler.ts'
import { cleanUp, runCommand, until } from './command.ts'

const MOST_KIB = 149
let place: string
let output: string

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'upload-'))
  const outcome = await runWrangler(['deploy', '--dry-run', '--outdir', place])
  output = outcome.stdout + outcome.stderr
}, 60_000)
afterAll(async () => {
  await cleanUp()
  await rm(place, { recursive: true, force: true })
})

it(`is an upload of no more than ${MOST_KIB} KiB of gzip`, () => {
  const [, kib] = /gzip: ([\d.]+) KiB/.exec(output) ?? []

  expect(Number(kib), output).toBeLessThanOrEqual(MOST_KIB)
})

it('comes with a source map that knows the sources', () => {
  const { sources }: { sources: string[] } = JSON.parse(readFileSync(join(place, 'index.js.map'), 'utf8'))

  expect(sources.filter((source) => source.endsWith('src/http/log.ts'))).toHaveLength(1)
})

it('names errors in its log, and positions that the source map leads to where they were thrown', async () => {
  const script = join(place, 'serve.ts')
  await writeFile(script, SERVE)
  const command = runCommand({}, process.execPath, script, place)
  await until('there is a line for the request', async () => command.output().includes('"error":'))
  const [line = ''] = command.output().match(/^\{.*"error":.*$/m) ?? []
  const { error }: { error: { name: string; at: string[] } } = JSON.parse(line)

  expect(error.name).toBe('DatabaseFailure')
  const map = new SourceMap(JSON.parse(readFileSync(join(place, 'index.js.map'), 'utf8')))
  const sources = error.at.map((frame) => {
    const [, row, column] = /:(\d+):(\d+)\)?$/.exec(frame) ?? []
    const origin = map.findOrigin(Number(row), Number(column))
    return 'fileName' in origin ? origin.fileName : ''
  })
  expect(sources).toContainEqual(expect.stringMatching(/src\/database\/database\.ts$/))
  expect(sources).toContainEqual(expect.stringMatching(/src\/connect\//))
})

/** Serves the upload as a deployment does, on a database without a table, and asks it for a token. */
const SERVE = `import { readFileSync } from 'node:fs'
import { openRuntime } from ${JSON.stringify(resolve('src/node/runtime/runtime.ts'))}
const [, , folder] = process.argv
const local = (name) => ${JSON.stringify(resolve('src/node/runtime'))} + '/' + name
const runtime = await openRuntime(
  {
    compatibilityDate: '2026-11-01',
    compatibilityFlags: [],
    vars: {},
    databases: [{ binding: 'DB', id: 'empty' }],
    d1: { worker: local('d1.worker.js'), binding: local('d1.binding.js') },
  },
  {
    stateDir: folder + '/state',
    script: readFileSync(folder + '/index.js', 'utf8'),
    variables: { EMBEDDED: '', LOG: 'json' },
  },
)
const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'a', client_secret: 'b' })
const answer = await fetch('http://127.0.0.1:' + runtime.port + '/identity_/connect/token', { method: 'POST', body })
console.log(answer.status, await answer.text())
setTimeout(() => runtime.stop(), 1000)
`
