// What an operator does to a deployment from a clean clone, with the real wrangler: it reaches the deployed database. What would
// ship a Worker without its database is refused, and `npm run destroy` leaves nothing.
import { existsSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CloudflareApi } from './cloudflare-api.ts'
import { cleanUp, runCommand } from './command.ts'

const ENV = 'remote'
const WORKER = `identity-edge-${ENV}`
const FILE = `wrangler.deploy.${ENV}.json`
let api: CloudflareApi

beforeAll(async () => {
  api = await CloudflareApi.start()
  expect(await run('npm', 'run', '--silent', 'deploy', '--', '--env', ENV)).toMatchObject({ code: 0 })
  clean()
}, 120_000)
afterAll(async () => {
  await cleanUp()
  await api.stop()
  clean()
})

/** As after `git clone`. */
function clean(): void {
  rmSync(FILE, { force: true })
  rmSync(`dist/deploy/${WORKER}`, { recursive: true, force: true })
}

async function run(file: string, ...args: string[]) {
  const command = runCommand(api.env, file, ...args)
  const { code } = await command.exit
  return { code, output: command.output() }
}

const remote = (...args: string[]) => run('npm', 'run', '--silent', 'remote', '--', '--env', ENV, ...args)

describe('npm run remote', () => {
  it('says where Time Travel is, and goes back, in the database that is deployed', async () => {
    const id = String(api.databases.get(WORKER)?.uuid)
    const info = await remote('d1', 'time-travel', 'info', 'DB')
    const restore = await remote('d1', 'time-travel', 'restore', 'DB', '--bookmark', 'a-bookmark')

    expect(info).toEqual({ code: 0, output: expect.stringContaining(id) })
    expect(restore).toEqual({ code: 0, output: expect.stringContaining('restored back to bookmark a-bookmark') })
    expect(api.changes.at(-1)).toBe(`POST d1/database/${id}/time_travel/restore`)
    expect(existsSync(FILE)).toBe(false)
  }, 60_000)

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
    expect([api.workers.size, api.databases.size]).toEqual([0, 0])
    expect(await destroy(WORKER)).toMatchObject({ code: 0 })
    expect(api.unknown).toEqual([])
  }, 60_000)
})
