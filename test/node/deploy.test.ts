// `npm run deploy` against an account that is made up, and its dry run with the real wrangler.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { deployTarget } from '../../src/node/deploy/deploy-target.ts'
import { type RawConfig, targetOf } from '../../src/node/deploy/target.ts'
import { cleanUp, runCommand } from './command.ts'
import { FakeAccount } from './fake-wrangler.ts'

const CONFIG: RawConfig = {
  name: 'tenant',
  main: 'src/index.ts',
  d1_databases: [
    {
      binding: 'DB',
      database_name: 'tenant',
      database_id: '00000000-0000-0000-0000-000000000000',
      migrations_dir: 'drizzle',
    },
  ],
  ratelimits: [{ name: 'LIMIT', namespace_id: '1' }],
}

let account: FakeAccount
let outDir: string
const files = new Set<string>()

beforeEach(async () => {
  account = new FakeAccount()
  outDir = await mkdtemp(join(tmpdir(), 'deploy-'))
})
afterEach(async () => {
  await cleanUp()
  for (const file of files) rmSync(file, { force: true })
  rmSync(outDir, { recursive: true, force: true })
})

interface Run {
  env?: string
  config?: RawConfig
  rotate?: string[]
  clientSecret?: string
  encryptionKey?: string
}

/** One run: what it printed. */
async function deploy({ env, config = CONFIG, rotate = [], clientSecret, encryptionKey }: Run = {}): Promise<string> {
  // Beside nothing that a developer may have deployed.
  const target = targetOf(config, env)
  const file = `wrangler.deploy.test-${env ?? 'none'}.json`
  files.add(file)
  const lines: string[] = []
  await deployTarget(
    { ...target, file },
    { rotate, clientSecret, encryptionKey },
    {
      wrangler: account.wrangler,
      web: { fetch: account.fetch, pauseMs: 0 },
      print: (line) => lines.push(line),
      outDir,
    },
  )
  return lines.join('\n')
}

const shown = (output: string, name: string) => new RegExp(`^ {2}${name}=([\\w-]{43})$`, 'm').exec(output)?.[1]
const times = (output: string, part: string | undefined) => output.split(String(part)).length - 1

describe('a first run', () => {
  it('creates the database, the schema, a client and the secrets, and what it deploys answers', async () => {
    const output = await deploy()

    expect(account.changes).toEqual(['create tenant', 'migrate', 'write', 'deploy tenant'])
    expect([...(account.workers.get('tenant')?.secrets.keys() ?? [])].sort()).toEqual([
      'CONTROL_TOKEN',
      'ENCRYPTION_KEY',
      'SIGNING_KEY',
    ])
    expect(output).toContain('token: ok, and settings answer to it')
    expect(output).toContain('serving on https://tenant.example.workers.dev')
    expect(output).toMatch(
      /^curl -s 'https:\/\/tenant\.example\.workers\.dev\/identity_\/connect\/token' .*"\$ADMIN_CLIENT_SECRET"$/m,
    )
  })

  it('shows each secret that somebody has to know once, and the signing key never', async () => {
    const output = await deploy()
    const secrets = account.workers.get('tenant')?.secrets

    for (const name of ['CONTROL_TOKEN', 'ENCRYPTION_KEY']) {
      expect(shown(output, name)).toBe(secrets?.get(name))
      expect(Buffer.from(String(secrets?.get(name)), 'base64url')).toHaveLength(32)
      expect(times(output, secrets?.get(name))).toBe(1)
    }
    expect(times(output, shown(output, 'ADMIN_CLIENT_SECRET'))).toBe(1)
    expect(secrets?.get('SIGNING_KEY')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
    expect(output).not.toContain('PRIVATE KEY')
  })

  it('keeps only the hash of the client secret in the database', async () => {
    const secret = String(shown(await deploy(), 'ADMIN_CLIENT_SECRET'))
    const client = account.databases.get('tenant')?.file.prepare('select * from clients').get()

    expect(client).toMatchObject({ id: 'admin', host_admin: 1, partition_id: '00000000-0000-0000-0000-000000000000' })
    expect(JSON.stringify(client)).not.toContain(secret)
  })

  it('uses the database whose id wrangler.toml has', async () => {
    await account.wrangler(['d1', 'create', 'of-the-button', '--config', 'package.json'])
    const [database] = CONFIG.d1_databases
    const config = { ...CONFIG, d1_databases: database ? [{ ...database, database_id: 'id-of-of-the-button' }] : [] }
    await deploy({ config })

    expect([...account.databases.keys()]).toEqual(['of-the-button'])
  })

  it('with several databases makes all of them, and plants the host partition in the one that holds it', async () => {
    const d1_databases = ['', '_2', '_3'].map((place) => ({
      binding: `DB${place}`,
      database_name: `tenant${place}`,
      database_id: `00000000-0000-0000-0000-00000000000${place.at(-1) ?? 0}`,
      migrations_dir: 'drizzle',
    }))
    const output = await deploy({ config: { ...CONFIG, d1_databases } })
    const count = (name: string, table: string) =>
      account.databases.get(name)?.file.prepare(`select count(*) as n from ${table}`).get()?.['n']

    expect(output).toContain('token: ok')
    expect([...account.databases.keys()]).toEqual(['tenant', 'tenant_2', 'tenant_3'])
    expect(['tenant', 'tenant_2', 'tenant_3'].map((name) => count(name, 'partitions'))).toEqual([1, 0, 1])
    expect([count('tenant', 'groups'), count('tenant', 'clients')]).toEqual([0, 1])
    expect([count('tenant_3', 'groups'), count('tenant_3', 'clients')]).toEqual([expect.any(Number), 0])
    expect(count('tenant_3', 'groups')).toBeGreaterThan(0)
  })

  it('without a login fails with one line before anything is done', async () => {
    account.loggedIn = false

    await expect(deploy()).rejects.toThrow(/^wrangler is not logged in: run `npx wrangler login`/)
    expect(account.changes).toEqual([])
  })
})

describe('a second run', () => {
  it('changes nothing and shows no secret', async () => {
    const first = await deploy()
    const changes = [...account.changes]
    const output = await deploy()

    expect(account.changes).toEqual(changes)
    expect(output).toContain('serves this version already')
    expect(output).toContain('a wrong secret is refused')
    for (const name of ['CONTROL_TOKEN', 'ENCRYPTION_KEY', 'ADMIN_CLIENT_SECRET']) {
      expect(output).not.toContain(String(shown(first, name)))
    }
  })

  it('tries the client secret it is given', async () => {
    const clientSecret = String(shown(await deploy(), 'ADMIN_CLIENT_SECRET'))

    expect(await deploy({ clientSecret })).toContain('token: ok')
    await expect(deploy({ clientSecret: 'wrong' })).rejects.toThrow('a token answers 400')
  })

  it('with other code deploys that alone', async () => {
    await deploy()
    const changes = [...account.changes]
    account.code = 'export default { changed: true }'
    await deploy()

    expect(account.changes).toEqual([...changes, 'deploy tenant'])
  })

  it('rotates what it is told to, and nothing else', async () => {
    const first = await deploy()
    const before = new Map(account.workers.get('tenant')?.secrets)
    const output = await deploy({ rotate: ['CONTROL_TOKEN', 'ADMIN_CLIENT_SECRET'] })
    const after = account.workers.get('tenant')?.secrets

    expect(after?.get('CONTROL_TOKEN')).toBe(shown(output, 'CONTROL_TOKEN'))
    expect(after?.get('CONTROL_TOKEN')).not.toBe(before.get('CONTROL_TOKEN'))
    expect(after?.get('ENCRYPTION_KEY')).toBe(before.get('ENCRYPTION_KEY'))
    expect(after?.get('SIGNING_KEY')).toBe(before.get('SIGNING_KEY'))
    expect(output).toContain('token: ok')
    await expect(deploy({ clientSecret: String(shown(first, 'ADMIN_CLIENT_SECRET')) })).rejects.toThrow('answers 400')
  })
})

describe('a run that fails', () => {
  it.each([
    'd1 create',
    'd1 list',
    'd1 migrations apply',
    'd1 execute',
    'deployments list',
    'deploy --dry-run',
    'deploy --keep',
  ])('at %s is completed by the next one', async (failing) => {
    account.failing = failing
    await expect(deploy()).rejects.toThrow('A request to the Cloudflare API failed.')
    const output = await deploy()

    expect(account.changes.filter((change) => change !== 'deploy tenant').sort()).toEqual([
      'create tenant',
      'migrate',
      'write',
    ])
    expect(output).toContain('serving on')
    expect(account.workers.get('tenant')?.secrets.size).toBe(3)
  })
})

describe('a later run that fails', () => {
  it.each(['deployments list', 'secret list'])(
    'at %s takes no Worker for absent and makes no secret anew',
    async (failing) => {
      await deploy()
      const before = new Map(account.workers.get('tenant')?.secrets)
      account.failing = failing
      account.refusal = 'The route tenant.example does not exist. [code: 7003]'

      await expect(deploy()).rejects.toThrow('[code: 7003]')
      expect(account.workers.get('tenant')?.secrets).toEqual(before)
    },
  )
})

describe('ENCRYPTION_KEY', () => {
  const SEALED = [
    `insert into settings (partition_id, key, value) values ('00000000-0000-0000-0000-000000000000', 'a.Password', 'sealed:v1:12345678:x')`,
    `insert into signing_keys (kid, private_jwk) values ('k', 'sealed:v1:12345678:x')`,
    `insert into snapshots values ('00000000-0000-0000-0000-000000000000', '', 'settings', 0, '[{"value":"sealed:v1:12345678:x"}]', 1, 0)`,
  ]

  it.each(SEALED)('is never made where something is sealed, whatever wrangler says: %s', async (sql) => {
    await deploy()
    account.databases.get('tenant')?.file.exec(sql)
    account.workers.clear()
    const changes = [...account.changes]

    await expect(deploy()).rejects.toThrow(
      /^the Worker tenant has no ENCRYPTION_KEY, and tenant holds secrets sealed under one/,
    )
    expect(account.changes).toEqual(changes)
  })

  it('is that of the environment where the Worker has none, and then not shown', async () => {
    const encryptionKey = 'k'.repeat(43)
    await expect(deploy({ encryptionKey: 'short' })).rejects.toThrow('is not 32 random bytes')
    const output = await deploy({ encryptionKey })

    expect(account.workers.get('tenant')?.secrets.get('ENCRYPTION_KEY')).toBe(encryptionKey)
    expect(output).not.toContain(encryptionKey)
  })
})

describe('--env', () => {
  it('gives each tenant a Worker, a database and rate limits of its own', async () => {
    await deploy()
    await deploy({ env: 'staging' })

    expect([...account.databases.keys()]).toEqual(['tenant', 'tenant-staging'])
    expect([...account.workers.keys()]).toEqual(['tenant', 'tenant-staging'])
    const [one, other] = [...account.workers.values()]
    expect(one?.secrets.get('SIGNING_KEY')).not.toBe(other?.secrets.get('SIGNING_KEY'))
    expect(targetOf(CONFIG, 'staging').config.ratelimits).toEqual([
      { name: 'LIMIT', namespace_id: expect.stringMatching(/^\d{4}1$/) },
    ])
  })
})

describe('--dry-run', () => {
  it('prints the steps and makes the same bundle each time, leaving nothing else', async () => {
    const run = async () => {
      const command = runCommand({}, 'npm', 'run', 'deploy', '--', '--dry-run', '--env', 'rehearsal')
      const { code } = await command.exit
      expect({ code, output: command.output() }).toEqual({ code: 0, output: command.output() })
      const folder = 'dist/deploy/identity-edge-rehearsal/bundle'
      return { output: command.output(), bundle: readFileSync(join(folder, 'index.js'), 'utf8') }
    }
    const first = await run()

    expect(await run()).toEqual(first)
    expect(first.output).toContain('1. D1 database identity-edge-rehearsal (DB): find it by name, or create it')
    expect(existsSync('wrangler.dry-run.json')).toBe(false)
    expect(existsSync('wrangler.deploy.rehearsal.json')).toBe(false)
    rmSync('dist/deploy/identity-edge-rehearsal', { recursive: true })
  })
})
