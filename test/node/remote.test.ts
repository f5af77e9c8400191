// What an operator does to a deployment from a clean clone, with the real wrangler: it reaches the deployed database. What would
// ship a Worker without its database is refused, and `npm run destroy` leaves nothing.
import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CloudflareApi } from './cloudflare-api.ts'
import { runCommand } from './command.ts'
import { Deployments } from './deployments.ts'

const ENV = 'remote'
const WORKER = `identity-edge-${ENV}`
const FILE = `wrangler.deploy.${ENV}.json`
let deployments: Deployments
let api: CloudflareApi

/** The commands of docs/operations.md for Time Travel. */
const DOCUMENTED = [
  ...readFileSync('docs/operations.md', 'utf8').matchAll(/^npm run remote -- .*time-travel[^#\n]*/gm),
].map(([line]) => line.trim())

beforeAll(async () => {
  deployments = await Deployments.start(ENV)
  api = deployments.api
  expect(await deployments.deploy()).toMatchObject({ code: 0 })
  deployments.forget()
}, 120_000)
afterAll(() => deployments.stop())

async function run(file: string, ...args: string[]) {
  const command = runCommand(api.env, file, ...args)
  const { code } = await command.exit
  return { code, output: command.output() }
}

const remote = (...args: string[]) => run('npm', 'run', '--silent', 'remote', '--', '--env', ENV, ...args)

describe('npm run remote', () => {
  it.each(DOCUMENTED)(
    '%s reaches the database that is deployed',
    async (line) => {
      const database = ['identity-edge', /--env (\S+)/.exec(line)?.[1]].filter(Boolean).join('-')
      if (api.d1.databases.has(database)) api.d1.remove(database)
      const { uuid } = api.d1.create({ name: database })
      // Time Travel goes back 30 days, the documented time is further away each day.
      const lately = new Date()
      lately.setUTCHours(lately.getUTCHours() - 1)
      const { code, output } = await run('sh', '-c', line.replace(/(--timestamp) \S+/, `$1 ${lately.toISOString()}`))

      expect({ code, output }).toMatchObject({ code: 0 })
      expect(api.addressed.at(-1)).toContain(`/d1/database/${uuid}/time_travel/`)
      expect(existsSync(FILE)).toBe(false)
    },
    60_000,
  )

  it('applies migrations there', async () => {
    expect(await remote('d1', 'migrations', 'apply', 'DB', '--remote')).toEqual({
      code: 0,
      output: expect.stringContaining('No migrations to apply'),
    })
  }, 60_000)

  it.each([
    ['deploy', 'has a command of its own: npm run deploy'],
    ['versions upload', 'has a command of its own: npm run deploy'],
    ['delete', 'has a command of its own: npm run destroy'],
    ['tail --config wrangler.toml', '--config cannot be given to wrangler here'],
    ['', 'a command is missing'],
  ])('refuses %s', async (words, said) => {
    const calls = api.calls.length
    const refused = await remote(...words.split(' ').filter(Boolean))

    expect(refused).toEqual({ code: 1, output: expect.stringMatching(/^[^\n]+\n$/) })
    expect(refused.output).toContain(said)
    expect(api.calls).toHaveLength(calls)
  })
})

describe('plain wrangler', () => {
  it.each(['deploy', 'versions upload'])(
    '%s ships nothing, and names npm run deploy',
    async (words) => {
      const changes = [...api.changes]
      const refused = await run('npx', 'wrangler', ...words.split(' '))

      expect(refused).toEqual({ code: 1, output: expect.stringContaining('Deploy it with: npm run deploy') })
      expect(api.changes).toEqual(changes)
    },
    60_000,
  )

  it('deploy --dry-run passes', async () => {
    expect(await run('npx', 'wrangler', 'deploy', '--dry-run')).toMatchObject({ code: 0 })
  }, 60_000)
})

describe('npm run deploy:verify', () => {
  it('asks for each point; two are not to be had of a stand-in', async () => {
    const before = [...api.changes]
    const { code, output } = await run('npm', 'run', '--silent', 'deploy:verify', '--', '--env', ENV)

    expect(output.split('\n').filter((line) => line.startsWith('FAILED'))).toEqual([
      expect.stringContaining('/ready says which copy answered'),
      expect.stringContaining('https is kept to'),
    ])
    expect(output.match(/^ok /gm), output).toHaveLength(8)
    expect(code).toBe(1)
    expect(api.changes).toEqual(before)
  }, 60_000)
})

it('former versions have no address: preview URLs are off', () => {
  expect(api.workers.get(WORKER)?.subdomain).toEqual({ enabled: true, previews_enabled: false })
})

describe('npm run destroy', () => {
  const destroy = (answer: string) => run('sh', '-c', `echo '${answer}' | npm run --silent destroy -- --env ${ENV}`)

  it('removes nothing when the name is another', async () => {
    const changes = [...api.changes]

    expect(await destroy('identity-edge')).toEqual({ code: 1, output: expect.stringContaining('nothing was removed') })
    expect(api.changes).toEqual(changes)
  })

  it('removes the Worker and its database, and is content where they are gone', async () => {
    expect(await destroy(WORKER)).toMatchObject({ code: 0 })
    expect(api.workers.size).toBe(0)
    expect([...api.d1.databases.keys()]).not.toContain(WORKER)
    expect(await destroy(WORKER)).toMatchObject({ code: 0 })
    expect(api.unknown).toEqual([])
  }, 60_000)
})
