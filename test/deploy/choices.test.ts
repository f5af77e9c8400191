// What a deployment may be asked for, each with the real wrangler and the stand-in of Cloudflare's API.
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { deployTarget } from '../../src/node/deploy/deploy-target.ts'
import type { Options } from '../../src/node/deploy/options.ts'
import { type RawConfig, readTarget, type Target } from '../../src/node/deploy/target.ts'
import { runWrangler } from '../../src/node/deploy/wrangler.ts'
import { CloudflareApi } from '../node/cloudflare-api.ts'

const NAME = 'identity-edge-choices'
const FILE = 'wrangler.deploy.choices.json'
let api: CloudflareApi
let outDir: string

beforeEach(async () => {
  api = await CloudflareApi.start()
  outDir = await mkdtemp(join(tmpdir(), 'deploy-'))
  for (const [name, value] of Object.entries(api.env)) vi.stubEnv(name, value)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await api.stop()
  rmSync(FILE, { force: true })
  rmSync(outDir, { recursive: true, force: true })
})

/** One run, with changes to wrangler.toml: what it printed. */
async function deploy(options: Partial<Options> = {}, changed: Partial<RawConfig> = {}): Promise<string> {
  const target: Target = { file: FILE, config: { ...readTarget('choices').config, ...changed } }
  const lines: string[] = []
  await deployTarget(
    target,
    { rotate: [], clientSecret: undefined, ...options },
    { wrangler: runWrangler, web: { fetch: api.fetch, pauseMs: 0 }, print: (line) => lines.push(line), outDir },
  )
  return lines.join('\n')
}

const shown = (output: string, name: string) => new RegExp(`^ {2}${name}=([\\w-]{43})$`, 'm').exec(output)?.[1] ?? ''
const secrets = () => new Map(api.workers.get(NAME)?.secrets)

it('with several databases makes all of them, and plants the host partition in the one that holds it', async () => {
  const names = ['', '_2', '_3'].map((place) => `${NAME}${place}`)
  const d1_databases = names.map((database_name, index) => ({
    binding: index === 0 ? 'DB' : `DB_${index + 1}`,
    database_name,
    database_id: `00000000-0000-0000-0000-00000000000${index}`,
    migrations_dir: 'drizzle',
  }))
  const output = await deploy({}, { d1_databases })
  const count = async (table: string) =>
    Promise.all(names.map(async (name) => (await api.d1.rows(name, `select 1 from ${table}`)).length))

  expect(output).toContain('token: ok')
  expect([...api.d1.databases.keys()]).toEqual(names)
  expect(await count('partitions')).toEqual([1, 0, 1])
  expect((await count('clients')).map((clients) => clients > 0)).toEqual([true, false, false])
  expect((await count('groups')).map((groups) => groups > 0)).toEqual([false, false, true])
}, 120_000)

it('takes the database whose id wrangler.toml has, which the button wrote there', async () => {
  const { uuid } = api.d1.create({ name: 'of-the-button' })
  const [database] = readTarget('choices').config.d1_databases
  const d1_databases = database ? [{ ...database, database_name: 'of-the-button', database_id: uuid }] : []
  await deploy({}, { d1_databases })

  expect([...api.d1.databases.keys()]).toEqual(['of-the-button'])
  await expect(
    deploy({}, { d1_databases: d1_databases.map((known) => ({ ...known, database_id: 'gone' })) }),
  ).rejects.toThrow('there is no D1 database gone')
}, 120_000)

describe('a later run', () => {
  it('with another configuration deploys that alone, and tries the client secret it is given', async () => {
    const clientSecret = shown(await deploy(), 'ADMIN_CLIENT_SECRET')
    const before = secrets()
    const changes = api.changes.length
    const output = await deploy({ clientSecret }, { vars: { LOG: 'off' } })

    expect(api.changes.slice(changes).some((change) => change.startsWith('POST d1/'))).toBe(false)
    expect(api.workers.get(NAME)?.versions).toHaveLength(2)
    expect(secrets()).toEqual(before)
    expect(output).toContain('token: ok')
    await expect(deploy({ clientSecret: 'wrong' }, { vars: { LOG: 'off' } })).rejects.toThrow('a token answers 400')
  }, 120_000)

  it('rotates what it is told to, and nothing else', async () => {
    const first = await deploy()
    const before = secrets()
    const output = await deploy({ rotate: ['CONTROL_TOKEN', 'ADMIN_CLIENT_SECRET'] })

    expect(secrets()).toEqual(new Map([...before, ['CONTROL_TOKEN', shown(output, 'CONTROL_TOKEN')]]))
    expect(secrets().get('CONTROL_TOKEN')).not.toBe(before.get('CONTROL_TOKEN'))
    expect(output).toContain('token: ok')
    await expect(deploy({ clientSecret: shown(first, 'ADMIN_CLIENT_SECRET') })).rejects.toThrow('answers 400')
  }, 120_000)
})

describe('ENCRYPTION_KEY', () => {
  it('is never made where something is sealed, whatever is said of the Worker; the former one is taken', async () => {
    const key = shown(await deploy(), 'ENCRYPTION_KEY')
    await api.d1.rows(
      NAME,
      `insert into settings (partition_id, key, value) values ('00000000-0000-0000-0000-000000000000', 'a.Password', 'sealed:v1:12345678:x')`,
    )
    const worker = api.workers.get(NAME)
    worker?.secrets.clear()
    const changes = [...api.changes]

    await expect(deploy()).rejects.toThrow(`the Worker ${NAME} has no ENCRYPTION_KEY, and ${NAME} holds secrets`)
    await expect(deploy({ encryptionKey: 'short' })).rejects.toThrow('is not 32 random bytes')
    expect(api.changes).toEqual(changes)
    expect(await deploy({ encryptionKey: key })).not.toContain(key)
    expect(secrets().get('ENCRYPTION_KEY')).toBe(key)
  }, 120_000)
})

describe('the place of the primary', () => {
  it('--location is a hint for a new database, and is said to change nothing for one that is there', async () => {
    expect(await deploy({ place: { location: 'apac' } })).toContain('created, primary in APAC')
    expect(await deploy({ place: { location: 'weur' } })).toContain('--location weur changes nothing')
  }, 120_000)

  it('--jurisdiction is refused for a database that stands elsewhere', async () => {
    expect(await deploy({ place: { jurisdiction: 'eu' } })).toContain('jurisdiction eu')
    expect(await deploy({ place: { jurisdiction: 'eu' } })).toContain('serves this version already')
    await expect(deploy({ place: { jurisdiction: 'us' } })).rejects.toThrow(`${NAME} stands in the jurisdiction eu`)
  }, 120_000)
})

it('a refusal of read replication is said, and ends nothing', async () => {
  api.failing = (call) =>
    call.startsWith('PUT d1/') ? { status: 400, code: 7400, message: 'not on this plan' } : undefined

  expect(await deploy()).toContain(`read replication of ${NAME}: off, all reads go to the primary`)
  api.failing = () => undefined
  expect(await deploy()).toContain(`read replication of ${NAME}: switched on`)
}, 120_000)
