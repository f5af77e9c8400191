// The GitHub Action and the workflows, which GitHub alone runs: held against their schemas and a linter, and the Action's steps
// run as a runner runs them. The tools are pinned in test/workflows and installed beside the repository.
import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { variablesHelp } from '../../src/node/config/variables.ts'
import { until } from './command.ts'
import { installPackage } from './installed-package.ts'

const run = promisify(execFile)
/** Servers that jobs have left running, which a runner ends with the job. */
const servers = new Set<number>()
const containers = await readFile('docs/containers.md', 'utf8')
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workflows-'))
})
afterAll(async () => {
  for (const server of servers) process.kill(server, 'SIGTERM')
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

/** The examples in YAML of docs/containers.md that begin so, as files. */
async function writeShown(beginning: string): Promise<string[]> {
  const blocks = Array.from(containers.matchAll(/```yaml\n(.*?)```/gs), ([, code = '']) => code)
  const files = blocks
    .filter((code) => code.startsWith(beginning))
    .map((code, index) => {
      return { file: join(folder, `shown-${index}.yml`), code }
    })
  for (const { file, code } of files) await writeFile(file, code)
  return files.map(({ file }) => file)
}

it('action and workflows are what their schemas and the linter want', async () => {
  const tools = join(folder, 'tools')
  await cp('test/workflows', tools, { recursive: true })
  await run('npm', ['ci', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: tools })
  const shown = await writeShown('on:')
  const files = ['action.yml', ...globSync('.github/workflows/*.yml'), ...shown]
  const { stdout } = await run(process.execPath, [join(tools, 'check.mjs'), ...files])

  expect(files.length).toBeGreaterThan(4)
  expect(shown).toHaveLength(2)
  expect(stdout).toBe('')
}, 300_000)

interface Service {
  readonly image?: string
  readonly environment?: Readonly<Record<string, string>>
}

it('the compose files that are shown are read, and set what a server knows', async () => {
  const files = await Promise.all((await writeShown('services:')).map((file) => readFile(file, 'utf8')))
  const services = files.map((text): Record<string, Service> => parse(text).services)

  expect(services).toHaveLength(2)
  for (const { identity } of services) {
    expect(identity?.image).toBe('ghcr.io/OWNER/identity-edge')
    for (const name of Object.keys(identity?.environment ?? {})) expect(variablesHelp).toContain(name)
  }
})

interface Step {
  readonly run: string
  readonly shell: string
  readonly env: Readonly<Record<string, string>>
}
interface Action {
  readonly inputs: Readonly<Record<string, { default: string }>>
  readonly outputs: Readonly<Record<string, { value: string }>>
  readonly runs: { readonly steps: readonly Step[] }
}
const action: Action = parse(await readFile('action.yml', 'utf8'))

/** What a job has after the Action ran in it. */
interface Job {
  server: number
  env: Record<string, string>
  outputs: Record<string, string>
  path: string[]
}

const pairs = (text: string) =>
  Object.fromEntries(Array.from(text.matchAll(/^([^=\n]+)=(.*)$/gm), ([, a, b]) => [a, b]))

/** Runs the steps with these inputs, as in a job of its own. Rejects when one fails. */
async function runAction(inputs: Readonly<Record<string, string>>): Promise<Job> {
  const place = await mkdtemp(join(folder, 'job-'))
  const file = (name: string) => join(place, name)
  const files = { GITHUB_ENV: file('env'), GITHUB_OUTPUT: file('output'), GITHUB_PATH: file('path') }
  for (const name of Object.values(files)) await writeFile(name, '')
  await mkdir(file('work'))
  const input = (_: string, name = '') => inputs[name] ?? action.inputs[name]?.default ?? `no input ${name}`
  let said = ''
  for (const step of action.runs.steps) {
    const env = Object.entries(step.env).map(([name, value]) => [
      name,
      value.replace(/\$\{\{ inputs\.(\S+) \}\}/, input),
    ])
    const { stdout } = await run(step.shell, ['-e', '-o', 'pipefail', '-c', step.run], {
      cwd: file('work'),
      env: {
        ...process.env,
        ...files,
        RUNNER_TEMP: place,
        GITHUB_ACTION_PATH: resolve('.'),
        ...Object.fromEntries(env),
      },
    })
    said += stdout
  }
  const [env = '', output = '', path = ''] = await Promise.all(
    Object.values(files).map((name) => readFile(name, 'utf8')),
  )
  const written = pairs(output)
  const outputs = Object.entries(action.outputs).map(([name, { value }]) => {
    return [name, value.replace(/\$\{\{ steps\.start\.outputs\.(\S+) \}\}/, (_, key) => written[key] ?? `no ${key}`)]
  })
  const server = Number(/runs as process (\d+)/.exec(said)?.[1])
  servers.add(server)
  return { server, env: pairs(env), outputs: Object.fromEntries(outputs), path: path.trim().split('\n') }
}

describe('the action', () => {
  let remove = async () => {}
  let tarball: string
  beforeAll(async () => {
    const installed = await installPackage()
    remove = installed.remove
    tarball = globSync(join(installed.folder, 'identity-edge-*.tgz')).join()
  }, 300_000)
  afterAll(() => remove())

  it('leaves a server, its address and the command to the steps that follow, and the server goes with the job', async () => {
    const seed = resolve('src/seed/hogwarts.seed.json')
    const job = await runAction({ package: tarball, seed, name: 'ci-school' })
    const { UIPATH_SERVICE_URL_IDENTITY: identity, UIPATH_ORGANIZATION_ID: id, ...env } = job.env
    const client = `${env['UIPATH_CLIENT_ID']}:${env['UIPATH_CLIENT_SECRET']}`
    const answer = await fetch(`${identity}/connect/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(client)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    })
    const inJob = { ...process.env, ...job.env, PATH: [...job.path, process.env['PATH']].join(delimiter) }
    const { stdout } = await run('identity-edge', ['tenant', 'list', '--json'], { env: inJob })
    process.kill(job.server, 'SIGTERM')
    servers.delete(job.server)

    expect(answer.status).toBe(200)
    expect(JSON.parse(stdout)).toEqual([expect.objectContaining({ id, name: 'ci-school' })])
    expect(job.outputs).toEqual({
      url: env['UIPATH_URL'],
      'identity-url': identity,
      'organization-id': id,
      'client-id': env['UIPATH_CLIENT_ID'],
      'client-secret': env['UIPATH_CLIENT_SECRET'],
      'server-url': env['IDENTITY_EDGE_URL'],
      tenant: 'ci-school',
      'control-token': env['CONTROL_TOKEN'],
    })
    const ended = () =>
      fetch(`${identity}/health`).then(
        () => false,
        () => true,
      )
    await until('it has ended', ended)
  })

  it('fails with what the server says when there is none', async () => {
    const failed = runAction({ package: tarball, seed: 'no-such-seed.json' })

    await expect(failed).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^::error title=identity-edge did not start::.*no-such-seed\.json/m),
    })
  })
})
