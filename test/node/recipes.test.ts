// The recipes of docs/recipes.md, taken out of the document and run with the installed command. What npm has of their tools is
// pinned in test/recipes; of the rest, those run whose language is on the machine.
import { execFile } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { installPackage, lend } from './installed-package.ts'

const run = promisify(execFile)
const recipes = await readFile('docs/recipes.md', 'utf8')
const { folder, remove } = await installPackage()
const CLI = join(folder, 'node_modules/identity-edge/dist/cli.js')
const tools = join(folder, 'tools')
const tool = (name: string) => join(tools, 'node_modules/.bin', name)
afterAll(remove)

/** Debian's junit5. */
const JARS = '/usr/share/java'
const CONSOLE = join(JARS, 'junit-platform-console-standalone.jar')

/** The first line that a command prints, or undefined where there is none. */
const asked = (command: string, ...args: string[]) =>
  run(command, args).then(
    ({ stdout, stderr }) => (stdout || stderr).split('\n')[0],
    () => undefined,
  )
const found = {
  pytest: await asked('python3', '-m', 'pytest', '--version'),
  go: await asked('go', 'version'),
  junit: existsSync(CONSOLE) ? await asked('javac', '-version') : undefined,
}
console.log('languages of the recipes here:', JSON.stringify(found))

beforeAll(async () => {
  await cp('test/recipes', tools, { recursive: true })
  await run('npm', ['ci', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: tools })
}, 300_000)

/** The blocks of that language under a heading. */
function blocksUnder(heading: string, language: string): string[] {
  const [, section = ''] = recipes.split(`\n## ${heading}\n`)
  const blocks = Array.from(section.split('\n## ')[0]?.matchAll(/```(\w+)\n(.*?)```/gs) ?? [])
  return blocks.filter(([, of]) => of === language).map(([, , code = '']) => code)
}

/** Those blocks, each as a file of a new folder. */
async function project(heading: string, language: string, names: readonly string[]): Promise<string> {
  const blocks = blocksUnder(heading, language)
  expect(blocks).toHaveLength(names.length)
  const place = join(folder, heading.replaceAll(' ', '-'))
  await mkdir(place)
  for (const [index, name] of names.entries()) await writeFile(join(place, name), blocks[index] ?? '')
  return place
}

/** As if nobody tested here: without what this vitest has put into the environment. */
function outside(): NodeJS.ProcessEnv {
  const { VITEST: _, NODE_ENV: __, ...env } = process.env
  return { ...env, NO_COLOR: '1' }
}

function exec(cwd: string, command: readonly string[]): Promise<{ code: unknown; out: string }> {
  const [file = '', ...args] = command
  return new Promise((done) => {
    execFile(file, args, { cwd, env: outside() }, (error, out, err) => {
      done({ code: error?.code ?? 0, out: out + err })
    })
  })
}

const withServer = (...command: string[]) => [process.execPath, CLI, 'exec', '--', ...command]

it('no file of a recipe is longer than 30 lines', () => {
  const blocks = Array.from(recipes.matchAll(/```\w+\n(.*?)\n```/gs), ([, code = '']) => code)
  expect(blocks.length).toBeGreaterThan(12)
  expect(blocks.filter((code) => code.split('\n').length > 30)).toEqual([])
})

it.skipIf(!found.pytest)('pytest', async () => {
  const place = await project('pytest', 'python', ['conftest.py', 'test_groups.py'])
  const { code, out } = await exec(place, withServer('python3', '-m', 'pytest', '-p', 'no:cacheprovider'))

  expect(out).toContain('1 passed')
  expect(code).toBe(0)
})

it.skipIf(!found.junit)('JUnit 5', async () => {
  const place = await project('JUnit 5', 'java', ['GroupsTest.java'])
  const api = ['junit-jupiter-api', 'apiguardian-api'].map((jar) => join(JARS, `${jar}.jar`))
  await run('javac', ['-cp', api.join(':'), '-d', 'out', 'GroupsTest.java'], { cwd: place })
  const junit = ['java', '-jar', CONSOLE, '-cp', 'out', '--scan-classpath', '--disable-ansi-colors']
  const { code, out } = await exec(place, withServer(...junit))

  expect(out).toMatch(/\b1 tests successful\b/)
  expect(code).toBe(0)
})

it.skipIf(!found.go)('Go', async () => {
  const place = await project('Go', 'go', ['tenant_test.go', 'groups_test.go'])
  await writeFile(join(place, 'go.mod'), 'module groups\n\ngo 1.18\n')
  const { code, out } = await exec(place, withServer('go', 'test', '-v'))

  expect(out).toContain('--- PASS: TestMeetsAServiceThatIsDownOnce')
  expect(code).toBe(0)
})

it('Mocha', async () => {
  const place = await project('Mocha', 'js', ['groups.mjs'])
  const { code, out } = await exec(place, [process.execPath, tool('mocha'), 'groups.mjs'])

  expect(out).toContain('1 passing')
  expect(code).toBe(0)
})

it('Bun', async () => {
  const place = await project('Bun', 'ts', ['groups.test.ts'])
  // Not `.bin/bun`, which is nothing before the package's own script has run.
  const [bun = ''] = globSync(join(tools, 'node_modules/@oven/*/bin/bun*'))
  const { code, out } = await exec(place, [bun, 'test'])

  expect(out).toMatch(/^ 1 pass$/m)
  expect(code).toBe(0)
})

it('the shell', async () => {
  const { code, out } = await exec(await project('Shell', 'sh', ['groups.sh']), withServer('sh', 'groups.sh'))

  expect(out).toMatch(/^armed .*\npassed\n$/)
  expect(code).toBe(0)
})

it('a generated client compiles and runs', async () => {
  const place = await project('A generated client', 'ts', ['groups.test.ts'])
  const [generate = ''] = blocksUnder('A generated client', 'sh')
  // The command as it is written, with the tool that is pinned here in the place of npx's newest.
  const [, args = ''] = /^npx @hey-api\/openapi-ts (.*)\n$/.exec(generate) ?? []
  const document = join(folder, 'node_modules')
  await run(tool('openapi-ts'), args.replace('node_modules', document).split(' '), { cwd: place, env: outside() })
  await lend(folder, 'vitest')
  await lend(folder, '@types/node')
  const strict = ['--strict', '--noUncheckedIndexedAccess', '--noEmit', '--skipLibCheck', '--types', 'node']
  const modules = ['--module', 'esnext', '--moduleResolution', 'bundler', '--target', 'es2022']
  await run(tool('tsc'), [...strict, ...modules, 'groups.test.ts'], { cwd: place }).catch(({ stdout }) =>
    expect.fail(stdout),
  )
  const vitest = [process.execPath, resolve('node_modules/vitest/vitest.mjs'), 'run']
  const { code, out } = await exec(place, withServer(...vitest))

  expect(out).toMatch(/^ +Tests +1 passed \(1\)$/m)
  expect(code).toBe(0)
})

const NOT_RUN = [
  ['xUnit with Testcontainers', 'csharp'],
  ['PowerShell with Pester', 'powershell'],
  ['Robot Framework', 'robotframework'],
  ['k6', 'js'],
] as const

it.each(NOT_RUN)('the requests of %s, which is not run here, are answered as it expects', async (heading, language) => {
  const [code = ''] = blocksUnder(heading, language)
  expect(recipes).toContain(`\n## ${heading}\n\nNot run by us;`)
  const bodies = ['tokens', 'operation'].map((name) => new RegExp(`\\{"${name}".*?\\}`).exec(code)?.[0] ?? '')
  for (const path of ['/_control/tenants', '/faults', '/identity_/api/Group/']) expect(code).toContain(path)
  const script = `
    const { IDENTITY_EDGE_URL, CONTROL_TOKEN } = process.env
    const control = IDENTITY_EDGE_URL + '/_control/tenants'
    const [made, fault] = process.argv.slice(1)
    const call = (method, url, token, body) =>
      fetch(url, { method, body, headers: { authorization: 'Bearer ' + token, 'content-type': 'application/json' } })
    const tenant = await (await call('POST', control, CONTROL_TOKEN, made)).json()
    const groups = tenant.url + '/identity_/api/Group/' + tenant.id
    const armed = await call('POST', control + '/' + tenant.id + '/faults', CONTROL_TOKEN, fault)
    const first = await call('GET', groups, tenant.tokens.admin)
    const second = await call('GET', groups, tenant.tokens.admin)
    const removed = await call('DELETE', control + '/' + tenant.id, CONTROL_TOKEN)
    console.log(armed.status, first.status, second.status, removed.status)`
  const replay = [process.execPath, '--input-type=module', '-e', script, ...bodies]

  expect((await exec(folder, withServer(...replay))).out).toBe('201 503 200 204\n')
})
