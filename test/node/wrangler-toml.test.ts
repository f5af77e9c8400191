// A local run has what wrangler.toml says: its variables and all of its databases; what is wrong in it is said in one line.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readWorkerConfig } from '../../src/node/config/config.ts'
import { connectTenant } from '../../src/node/library/library.ts'
import { repositoryOf } from '../../src/node/local/repository.ts'
import { openServer } from '../../src/node/runtime/server.ts'
import { StartFailure } from '../../src/node/start-failure.ts'
import { localD1Path } from '../../src/node/state/local-d1-path.ts'
import { prepareState } from '../../src/node/state/prepare.ts'
import { fetchToken } from './command.ts'
import { putSetting, readSetting } from './settings.ts'
import { readSmtpPort } from './smtp-port.ts'
import { writeConfig } from './write-config.ts'

const CONTROL_TOKEN = 'control-token-of-this-test'
const START = 'name = "x"\nmain = "src/index.ts"\ncompatibility_date = "2026-11-01"\n'
const database = (binding: string, id: string) =>
  `[[d1_databases]]\nbinding = "${binding}"\ndatabase_id = "${id}"\nmigrations_dir = "${resolve('drizzle')}"\n`
let place: string

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'config-'))
})
afterAll(() => rm(place, { recursive: true, force: true }))

const written = (more: string, change?: (toml: string) => string) => writeConfig(place, more, change)

/** Those that have settings in the database of that file. */
const partitionsIn = (path: string) =>
  rowsIn(path, 'select distinct partition_id from settings').map((row) => row['partition_id'])

function rowsIn(path: string, sql: string) {
  const file = new DatabaseSync(path, { readOnly: true })
  const rows = file.prepare(sql).all()
  file.close()
  return rows
}

/** What docs/scaling.md says is all of it. */
async function secondDatabase(): Promise<string> {
  const [, toml = ''] = /```toml\n(.*?)```/s.exec(await readFile('docs/scaling.md', 'utf8')) ?? []
  return toml
}

describe('a local run', () => {
  it('with the DB_2 of docs/scaling.md has partitions in both, each whole where it is', async () => {
    const file = await written(await secondDatabase())
    const stateDir = join(place, 'two')
    const run = await openServer(repositoryOf(file), { stateDir, variables: { CONTROL_TOKEN } })
    const connect = () => connectTenant({ url: run.url, controlToken: CONTROL_TOKEN })
    const tenants = await Promise.all(Array.from({ length: 10 }, connect))
    for (const tenant of tenants) {
      expect(await putSetting(tenant, 'Color', tenant.name)).toBe(200)
      expect(await readSetting(tenant, 'Color')).toBe(tenant.name)
    }
    const documented = { url: run.url, token: await fetchToken(run.url) }
    expect(await readSmtpPort(documented)).toBe('587')
    await run.stop()

    const held = readWorkerConfig(file).databases.map(({ id }) => partitionsIn(localD1Path(stateDir, id)))
    expect(held.flat().sort()).toEqual(['magic-7', ...tenants.map(({ id }) => id)].sort())
    expect(held).toEqual([expect.arrayContaining([expect.anything()]), expect.arrayContaining([expect.anything()])])
  })

  it('plants a first start into the database that holds each partition, and every partition into the main one', async () => {
    const file = await written(['DB_2', 'DB_3'].map((binding) => database(binding, binding)).join(''))
    const config = readWorkerConfig(file)
    const stateDir = join(place, 'three')
    await prepareState(config, stateDir)
    const held = config.databases.map(({ binding, id }) => {
      const rows = (table: string) => rowsIn(localD1Path(stateDir, id), `select count(*) as n from ${table}`)[0]?.['n']
      return [binding, rows('partitions'), Number(rows('groups')) > 0, rows('clients')]
    })

    expect(held).toEqual([
      // Two of the host, one of Hogwarts that users sign in with, and the vendor's own.
      ['DB', 2, true, 6],
      ['DB_2', 0, false, 0],
      ['DB_3', 1, true, 0],
    ])
  })

  it('knows what it goes without', async () => {
    const more = '[[kv_namespaces]]\nbinding = "KV"\nid = "1"\n[queues]\nproducers = []\n[env.staging]\nname = "x"'

    expect(readWorkerConfig(await written(more)).notCarried).toEqual([
      'ratelimits (TOKENS_BY_CLIENT, TOKENS_BY_ADDRESS)',
      'kv_namespaces (KV)',
      'queues',
      '[env.staging]',
    ])
  })
})

describe('one line with file and line for', () => {
  it.each([
    ['what is no TOML', 'name = "x"\nmain = \n', ':2: Invalid TOML document: '],
    ['a wrong type', 'name = "x"\n\nmain = 7\n', ':3: main must be a string'],
    ['what is missing', 'name = "x"\n', ':1: main is missing'],
    [
      'flags that are none',
      `${START}compatibility_flags = "nodejs_compat"`,
      ':4: compatibility_flags must be a list of strings',
    ],
    ['vars that are none', `${START}vars = 7`, ':4: vars must be a table'],
    ['databases that are none', `${START}[d1_databases]\nbinding = "DB"`, ':4: d1_databases must be a list of tables'],
    [
      'a database without an id',
      `${START}[[d1_databases]]\nbinding = "DB"`,
      ':4: d1_databases[0].database_id is missing',
    ],
    ['no main database', `${START}${database('D', '1')}`, ': no D1 database is bound as DB'],
    [
      'an id that stands twice',
      `${START}${database('DB', '1')}${database('DB_2', '1')}`,
      ':10: DB_2 has the database_id of DB: local runs keep a file for each id',
    ],
  ])('%s', async (_, toml, said) => {
    const file = join(place, 'wrong.toml')
    await writeFile(file, toml)
    const attempt = () => readWorkerConfig(file)

    expect(attempt).toThrow(StartFailure)
    expect(attempt).toThrow(/^[^\n]+wrong\.toml:\d+: [^\n]+$/)
    expect(attempt).toThrow(said)
  })

  it('a file that is not there', () => {
    expect(() => readWorkerConfig(join(place, 'none.toml'))).toThrow(/^\S+none\.toml cannot be read: ENOENT[^\n]*$/)
  })
})
