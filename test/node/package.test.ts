// From an empty folder: the tarball is installed, and what the documents show runs there.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { transform } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LocalD1 } from '../../src/node/state/local-d1.ts'
import { localD1Path } from '../../src/node/state/local-d1-path.ts'
import { migrate } from '../../src/node/state/migrate.ts'
import { cleanUp, DEAD_PROXY, runCommand, until } from './command.ts'
import { examples, installPackage, nodes } from './installed-package.ts'
import { installRunners, type Runners, vitest } from './test-runners.ts'

const run = promisify(execFile)
const { folder, files, remove } = await installPackage()
const testing = await readFile('docs/testing.md', 'utf8')
const readme = await readFile('README.md', 'utf8')
const machines = await nodes()
const installed = join(folder, 'node_modules/identity-edge')
const seedFile = join(folder, 'seeded.json')
await writeFile(seedFile, JSON.stringify({ settings: [{ key: 'Color', value: 'red' }] }))

/** What Node and the client throw, in a realm of Jest's. */
const ERRORS = `const { createServer } = require('node:net')
const { ControlError, startTenant } = require('identity-edge/node')

test('a port that is taken', async () => {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await expect(startTenant({ port })).rejects.toThrow('port ' + port + ' on 127.0.0.1 is taken')
  await new Promise((resolve) => server.close(resolve))
})

test('a refusal', async () => {
  const tenant = await startTenant()
  const refusal = await tenant.restore('unknown').catch((error) => error)
  await tenant.stop()
  expect(refusal).toBeInstanceOf(ControlError)
  expect(refusal.status).toBe(404)
})
`

afterAll(async () => {
  await cleanUp()
  await remove()
})

describe('the package', () => {
  it('has what it runs from, its declarations and its documents, and no sources', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'dist/cli.js',
        'dist/library.js',
        'dist/library.cjs',
        'dist/types/node/library/library.d.ts',
        'README.md',
        'LICENSE',
      ]),
    )
    expect(files.filter((file) => /^(src|test|bench|tools|drizzle|node_modules)\//.test(file))).toEqual([])
  })

  it('needs nothing but workerd, in the version the tests run on', async () => {
    const { dependencies, optionalDependencies } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
    const miniflare = JSON.parse(await readFile('node_modules/miniflare/package.json', 'utf8'))

    expect({ ...dependencies, ...optionalDependencies }).toEqual({ workerd: miniflare.dependencies.workerd })
  })

  it('is typed, for import and for require, without any types but its own', async () => {
    const use = `import { connectTenant, ControlError, startTenant, type FaultRule } from 'identity-edge/node'
import hogwarts from 'identity-edge/seeds/hogwarts.json' with { type: 'json' }
const rule: FaultRule = { status: 503, times: 1 }
const tenant = await startTenant({ name: 'typed', seed: hogwarts })
const maybe: string | undefined = [''][1]
const token: string = await tenant.token({ scopes: ['PM.Group'], user: maybe })
await tenant.journal.count({ operation: 'Group_UpdateGroup', path: maybe })
// @ts-expect-error There is no such operation.
await tenant.journal.count({ operation: 'Group_Update' })
await (await tenant.fault(rule)).remove()
// @ts-expect-error There is no such way to break a token.
await tenant.token({ broken: 'somehow' })
export { connectTenant, ControlError, token }
`
    const required = `import identity = require('identity-edge/node')
export const port: Promise<identity.TestTenant> = identity.startTenant({ port: 0 })
`
    await mkdir(join(folder, 'typed'))
    await writeFile(join(folder, 'typed/use.mts'), use)
    await writeFile(join(folder, 'typed/required.cts'), required)
    const options = [
      '--noEmit',
      '--strict',
      '--target',
      'esnext',
      '--module',
      'node20',
      '--resolveJsonModule',
      '--exactOptionalPropertyTypes',
      '--types',
      '',
    ]
    const tsc = [resolve('node_modules/typescript/bin/tsc'), ...options, 'typed/use.mts', 'typed/required.cts']
    const outcome = await run(process.execPath, tsc, { cwd: folder }).catch((error) => error)

    expect(outcome.stdout).toBe('')
  })
})

describe.each(machines)('on Node $version', ({ path }) => {
  it('starts, forks and makes tokens from the package, and says nothing on its own', async () => {
    const script = `import { startTenant } from 'identity-edge/node'
      const tenant = await startTenant()
      const fork = await tenant.fork()
      const read = async ({ url, id }, token) => {
        const call = url + '/identity_/api/Setting?key=k&partitionGlobalId=' + id
        return (await fetch(call, { headers: { authorization: 'Bearer ' + token } })).status
      }
      console.log(await read(tenant, await tenant.token()), await read(fork, await fork.token()))
      await tenant.stop()`
    const { stdout, stderr } = await run(path, ['--input-type=module', '-e', script], { cwd: folder })

    expect({ stdout, stderr }).toEqual({ stdout: '200 200\n', stderr: '' })
  })

  it('starts with the documented organization, from the package', async () => {
    const example = examples(testing, 'Seeds').at(-1) ?? ''
    const script = `${example}; console.log(tenant.users.length); await tenant.stop()`
    const { stdout } = await run(path, ['--input-type=module', '-e', script], { cwd: folder })

    expect(stdout).toBe('5\n')
  })

  it('lets a process end that has forgotten to stop its tenant, and leaves nothing behind', async () => {
    const scratch = await mkdtemp(join(folder, 'scratch-'))

    const forgetful = `require('identity-edge/node').startTenant().then(({ url }) => console.log(url))`
    const { stdout } = await run(path, ['--input-type=commonjs', '-e', forgetful], {
      cwd: folder,
      env: { ...process.env, TMPDIR: scratch },
    })

    await until('the runtime is gone', () =>
      fetch(stdout.trim()).then(
        () => false,
        () => true,
      ),
    )
    expect(await readdir(scratch)).toEqual([])
  })

  it('runs the example for node:test', async () => {
    const [example = ''] = examples(testing, 'node:test')
    await writeFile(join(folder, 'example.test.mjs'), example)
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const { stdout } = await run(path, ['--test', '--test-reporter=tap', 'example.test.mjs'], { cwd: folder, env })

    expect(stdout).toMatch(/^# pass 1$/m)
  })

  /** Two starts on the same data; what they say. */
  async function startTwice(stateDir: string): Promise<string> {
    const start = `await (await startTenant({ stateDir: ${JSON.stringify(stateDir)} })).stop()`
    const script = `import { startTenant } from 'identity-edge/node'; ${start}; ${start}`
    return (await run(path, ['--input-type=module', '-e', script], { cwd: folder })).stderr
  }

  it('brings data of an older version up to date, without a SQLite of Node', async () => {
    const stateDir = await mkdtemp(join(folder, 'state-'))
    const { config, migrations } = JSON.parse(await readFile(join(installed, 'dist/manifest.json'), 'utf8'))
    const database = new LocalD1(localD1Path(stateDir, config.databases[0].id))
    await migrate(database, migrations.DB.slice(0, 1))
    database.close()
    const stderr = await startTwice(stateDir)
    const migrated = new LocalD1(localD1Path(stateDir, config.databases[0].id))
    const { results } = await migrated.prepare('select name from d1_migrations order by id').all()
    migrated.close()

    expect(stderr).toBe('')
    expect(results).toEqual(migrations.DB.map(({ name }: { name: string }) => ({ name })))
  })

  it('gives names of an older version keys, and says once which of them clash', async () => {
    const stateDir = await mkdtemp(join(folder, 'state-'))
    const { config, migrations } = JSON.parse(await readFile(join(installed, 'dist/manifest.json'), 'utf8'))
    const open = () => new LocalD1(localD1Path(stateDir, config.databases[0].id))
    const database = open()
    await migrate(database, migrations.DB.slice(0, 1))
    await database.prepare("insert into partitions (id, name) values ('p', 'p')").run()
    for (const name of ['Ünal', 'ünal']) {
      const columns = '(partition_id, id, type, name, display_name)'
      await database
        .prepare(`insert into directory_entities ${columns} values ('p', ?, 0, ?, '')`)
        .bind(name, name)
        .run()
    }
    database.close()
    const stderr = await startTwice(stateDir)
    const filled = open()
    const { results } = await filled.prepare("select key, name from name_keys where partition_id = 'p'").all()
    filled.close()

    expect(stderr).toMatch(/^userName "ünal" of ünal in partition p is the same as another there.*\n$/)
    expect(results).toEqual([{ key: 'ÜNAL', name: 'Ünal' }])
  })

  it.each([{}, DEAD_PROXY])(
    'serves as a command, is steered by another, and stops when it is told to: %o',
    async (env) => {
      const cli = join(installed, 'dist/cli.js')
      const command = runCommand(env, path, cli, '--ephemeral', '--port', '0', '--seed', seedFile)
      await until('it is ready', async () => command.output().includes('tenant '))
      const [, url = ''] = /^ready on (\S+)$/m.exec(command.output()) ?? []
      const listing = [cli, 'tenant', 'list', '--url', url, '--json']
      const { stdout } = await run(path, listing, { env: { ...process.env, ...env } })
      process.kill(command.group, 'SIGTERM')

      expect(JSON.parse(stdout)).toEqual([expect.objectContaining({ name: 'seeded' })])
      expect(await command.exit).toEqual({ code: 0, signal: null })
    },
  )
})

// Their runners are not among the tools here.
it.each(['Playwright', 'A deployed tenant'])('the example for %s is one that compiles', async (heading) => {
  const [example = ''] = examples(testing, heading)

  expect((await transform(example, { loader: 'ts' })).warnings).toEqual([])
  expect(example).toContain("'identity-edge/node'")
})

describe('under vitest', () => {
  const inReadme = Array.from(readme.matchAll(/```ts\n(.*?)```/gs), ([, code = '']) => code)
  const ours = inReadme.filter((code) => code.includes("'identity-edge/node'"))
  const shown = [
    ...examples(testing, 'vitest').flatMap((example) =>
      // The vm pools run tests in a realm of their own, as Jest does.
      ['threads', 'forks', 'vmThreads', 'vmForks'].map((pool) => ({ file: 'docs/testing.md', pool, example })),
    ),
    ...ours.map((example) => ({ file: 'README.md', pool: 'forks', example })),
  ]

  it.each(shown)('the example in $file passes in the pool $pool', async ({ pool, example }) => {
    expect(await vitest(folder, pool, example)).toMatch(/^ +Tests +\d+ passed \(\d+\)$/m)
  })
})

describe('under runners of their own', () => {
  let runners: Runners
  beforeAll(async () => {
    runners = await installRunners(folder)
  }, 300_000)
  afterAll(() => runners.remove())

  it('the example for Mocha passes, and Mocha ends by itself', async () => {
    const [example = ''] = examples(testing, 'Mocha')

    expect(await runners.mocha(example)).toMatch(/^ +1 passing/m)
  })

  it('the example for MSW passes: code that calls the real address is answered by the tenant', async () => {
    const [example = ''] = examples(testing, 'MSW')

    expect(await runners.msw(example)).toMatch(/^# pass 1$/m)
  })

  it.each([29, 30] as const)('the example for Jest %i passes, and Jest ends by itself', async (version) => {
    const [example = ''] = examples(testing, 'Jest')

    expect(await runners.jest(version, example)).toMatch(/^Tests: +1 passed, 1 total$/m)
  })

  it('under Jest a port that is taken and a refusal of the control plane are told as elsewhere', async () => {
    const said = await runners.jest(30, ERRORS)

    expect(said).toMatch(/^Tests: +2 passed, 2 total$/m)
  })
})
