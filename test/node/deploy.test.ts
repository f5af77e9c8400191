// `npm run deploy`: what it refuses before it does anything, its dry run with the real wrangler, and whose account it takes.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { findAccess } from '../../src/node/deploy/access.ts'
import { type RawConfig, readTarget, targetOf } from '../../src/node/deploy/target.ts'
import type { Wrangler } from '../../src/node/deploy/wrangler.ts'
import { CloudflareApi } from './cloudflare-api.ts'
import { cleanUp, runCommand } from './command.ts'

afterEach(cleanUp)

async function deploy(...args: string[]) {
  const command = runCommand({}, 'npm', 'run', '--silent', 'deploy', '--', ...args)
  const { code } = await command.exit
  return { code, output: command.output() }
}

describe('an argument that means nothing', () => {
  it.each([
    ['staging', "staging means nothing to npm run deploy; a deployment's name is --env NAME"],
    ['--env Staging', '--env takes up to 32 lower-case letters'],
    ['--rotate ENCRYPTION_KEY', '--rotate: '],
    ['--location paris', '--location: '],
    ['--jurisdiction uk', '--jurisdiction: '],
    ['--location weur --jurisdiction eu', 'one of them'],
  ])('%s is refused in one line', async (words, said) => {
    const { code, output } = await deploy(...words.split(' '))

    expect(code).toBe(1)
    expect(output).toContain(said)
  })
})

describe('--dry-run', () => {
  const folder = 'dist/deploy/identity-edge-rehearsal/bundle'
  const rehearse = async (...args: string[]) => {
    const run = await deploy('--dry-run', '--env', 'rehearsal', ...args)
    expect(run).toEqual({ code: 0, output: run.output })
    return { output: run.output, bundle: readFileSync(join(folder, 'index.js'), 'utf8') }
  }

  it('prints the steps and makes the same bundle each time, leaving nothing else', async () => {
    const first = await rehearse()

    expect(await rehearse()).toEqual(first)
    expect(first.output).toContain('1. D1 database identity-edge-rehearsal (DB): find it by name, or create it')
    expect(existsSync('wrangler.dry-run.json')).toBe(false)
    expect(existsSync('wrangler.deploy.rehearsal.json')).toBe(false)
  })

  it('says what would be replaced, and where the database would stand', async () => {
    const { output } = await rehearse(
      ...['--rotate', 'CONTROL_TOKEN', '--rotate', 'ADMIN_CLIENT_SECRET', '--jurisdiction', 'eu'],
    )

    expect(output).toContain('make those that are missing, and CONTROL_TOKEN anew')
    expect(output).toContain('client admin: a new random secret, shown once')
    expect(output).toContain('or create it in the jurisdiction eu')
    rmSync('dist/deploy/identity-edge-rehearsal', { recursive: true })
  })
})

it('deployments by --env count rate limits apart', () => {
  const ids = (env: string | undefined) => readTarget(env).config.ratelimits?.map((limit) => limit.namespace_id) ?? []

  expect(new Set([undefined, 'staging', 'other'].flatMap(ids)).size).toBe(6)
})

it('--env takes no database whose id wrangler.toml has: it is that of the deployment without a name', () => {
  const { config } = readTarget(undefined)
  const known: RawConfig = {
    ...config,
    d1_databases: config.d1_databases.map((database) => ({ ...database, database_id: 'of-the-button' })),
  }

  expect(targetOf(known, undefined).config.d1_databases.map((database) => database.database_id)).toEqual([
    'of-the-button',
  ])
  expect(targetOf(known, 'staging').config.d1_databases[0]?.database_id).toMatch(/^0{8}-/)
})

describe('the account', () => {
  const { config } = readTarget(undefined)
  const login = (stdout: string, code = 0): Wrangler => vi.fn(async () => ({ code, stdout, stderr: '' }))
  let api: CloudflareApi

  beforeAll(async () => {
    api = await CloudflareApi.start()
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await api.stop()
  })

  it('is that of the environment, without a start of wrangler', async () => {
    for (const [name, value] of Object.entries(api.env)) vi.stubEnv(name, value)
    const wrangler = login('')

    expect(await findAccess(config, wrangler)).toEqual({
      accountId: api.env['CLOUDFLARE_ACCOUNT_ID'],
      credentials: { authorization: `Bearer ${api.env['CLOUDFLARE_API_TOKEN']}` },
    })
    expect(wrangler).not.toHaveBeenCalled()
  })

  it('is the only one that the login reaches', async () => {
    vi.stubEnv('CLOUDFLARE_API_TOKEN', '')
    vi.stubEnv('CLOUDFLARE_ACCOUNT_ID', '')

    expect(await findAccess(config, login('{"type":"oauth","token":"t"}'))).toEqual({
      accountId: api.env['CLOUDFLARE_ACCOUNT_ID'],
      credentials: { authorization: 'Bearer t' },
    })
    expect(await findAccess(config, login('{"type":"api_key","key":"k","email":"e"}'))).toMatchObject({
      credentials: { 'x-auth-key': 'k', 'x-auth-email': 'e' },
    })
  })

  it('is asked for where the login reaches several', async () => {
    api.accounts.push({ id: 'b'.repeat(32), name: 'Another' })

    await expect(findAccess(config, login('{"type":"oauth","token":"t"}'))).rejects.toThrow(
      /^the login reaches several accounts: set CLOUDFLARE_ACCOUNT_ID to one of a+ \(Stand-in\), b+ \(Another\)$/,
    )
  })

  it('needs a login', async () => {
    await expect(findAccess(config, login('', 1))).rejects.toThrow(
      /^wrangler is not logged in: run `npx wrangler login`/,
    )
  })
})
