// Our OpenAPI documents before what reads them: Redocly and Spectral find nothing in either, and a program that is typed by
// openapi-typescript compiles and runs. The tools are pinned in test/generators and installed beside the repository.
import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { repository } from '../../src/node/local/repository.ts'
import { openServer } from '../../src/node/runtime/server.ts'

const run = promisify(execFile)
const CONTROL_TOKEN = 'control-token-of-this-test'
const DOCUMENTS = ['external', 'control'].flatMap((name) =>
  ['json', 'yaml'].map((ext) => `assets/openapi/${name}.${ext}`),
)
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'generators-'))
  await cp('test/generators', folder, { recursive: true })
  await run('npm', ['ci', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder })
}, 300_000)
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))

const inFolder = async (program: string, ...args: string[]) =>
  (await run(process.execPath, [join(folder, program), ...args], { cwd: folder })).stdout.trim()

it('Redocly and Spectral find nothing, in JSON and in YAML, which say the same', async () => {
  expect(await inFolder('lint.mjs', resolve('.'), ...DOCUMENTS)).toBe('')
})

it('a program typed by openapi-typescript compiles and runs', async () => {
  for (const name of ['external', 'control']) {
    const document = resolve(`assets/openapi/${name}.json`)
    await inFolder('node_modules/openapi-typescript/bin/cli.js', document, '-o', `${name}.ts`)
  }
  const strict = [
    '--strict',
    '--noUncheckedIndexedAccess',
    '--exactOptionalPropertyTypes',
    '--noEmit',
    '--skipLibCheck',
  ]
  const modules = ['--module', 'nodenext', '--target', 'es2024', '--lib', 'es2024,dom', '--allowImportingTsExtensions']
  const types = ['--types', 'node', '--typeRoots', resolve('node_modules/@types')]
  await inFolder('node_modules/typescript/bin/tsc', ...strict, ...modules, ...types, 'program.ts').catch(({ stdout }) =>
    expect.fail(stdout),
  )
  const server = await openServer(repository, { variables: { CONTROL_TOKEN } })
  try {
    expect(JSON.parse(await inFolder('program.ts', server.url, CONTROL_TOKEN))).toEqual({
      expires_in: 3600,
      written: [['Email.Smtp.Port', '587']],
      read: 1,
      users: [1, 'ada'],
      group: ['Bookkeepers', 1, 1],
      refused: [409, true],
      removed: 204,
    })
  } finally {
    await server.stop()
  }
})
