// `npm run backup` and `npm run restore`: what was acknowledged before a backup is in it, whole, though others write.
import { statSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { importable } from '../../src/node/backup/importable.ts'
import { backUpLocal, restoreLocal } from '../../src/node/backup/local.ts'
import { readWorkerConfig } from '../../src/node/config/config.ts'
import { repository } from '../../src/node/local/repository.ts'
import { openServer, type Server } from '../../src/node/runtime/server.ts'
import { localD1Path } from '../../src/node/state/local-d1-path.ts'
import { prepareState } from '../../src/node/state/prepare.ts'
import { fetchToken, runCommand } from './command.ts'

const worker = readWorkerConfig()
const KEYS = ['One', 'Two', 'Three']
let place: string
let stateDir: string
let server: Server

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'backup-'))
  stateDir = join(place, 'state')
  server = await openServer(repository, { stateDir })
})
afterAll(async () => {
  await server.stop()
  await rm(place, { recursive: true, force: true })
})

const authorization = async (url: string) => ({ authorization: `Bearer ${await fetchToken(url)}` })

/** Writes the same number to all keys, in one request. */
async function write(headers: Record<string, string>, value: number): Promise<void> {
  const settings = KEYS.map((key) => ({ key, value: String(value) }))
  const response = await fetch(`${server.url}/identity_/api/Setting`, {
    method: 'PUT',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ settings, partitionGlobalId: 'magic-7' }),
  })
  expect(response.status, await response.text()).toBe(200)
}

async function read(url: string, path: string): Promise<unknown> {
  const response = await fetch(`${url}/identity_/api/${path}`, { headers: await authorization(url) })
  expect(response.status).toBe(200)
  return response.json()
}

const readKeys = async (url: string) => {
  const query = KEYS.map((key) => `&key=${key}`).join('')
  const settings = (await read(url, `Setting?partitionGlobalId=magic-7${query}`)) as { value: string }[]
  return settings.map(({ value }) => Number(value))
}

/** Every row of every table. */
function contents(file: string) {
  const database = new DatabaseSync(file, { readOnly: true })
  const tables = database
    .prepare("select name from sqlite_master where type = 'table' and name not like '\\_cf%' escape '\\'")
    .all()
  const rows = tables.map(({ name }) => [name, database.prepare(`select * from "${name}"`).all()])
  database.close()
  return Object.fromEntries(rows)
}

it('what is stored, a backup and what it restores to are for their owner alone, whatever the umask', async () => {
  const before = process.umask(0)
  try {
    const [file, restored] = [join(place, 'private.sqlite'), join(place, 'private-restored')]
    const old = join(place, 'open-before')
    await mkdir(join(old, 'v3'), { recursive: true, mode: 0o755 })
    backUpLocal(worker, stateDir, file)
    await restoreLocal(worker, { stateDir: restored, file, replace: false })
    await prepareState(worker, old)
    const { id } = worker.databases[0]
    const own = [file, `${file}.key`, ...[stateDir, restored, old].map((state) => localD1Path(state, id))]
    for (const path of own) expect([path, statSync(path).mode & 0o777]).toEqual([path, 0o600])
    for (const path of [restored, ...[stateDir, restored, old].map((state) => join(state, 'v3'))])
      expect([path, statSync(path).mode & 0o777]).toEqual([path, 0o700])
  } finally {
    process.umask(before)
  }
})

it('a backup made while 4 clients write has every write acknowledged before, none by half, and restores into an empty directory', async () => {
  const headers = await authorization(server.url)
  let [next, acknowledged, stopped] = [1, 0, false]
  const writer = async () => {
    while (!stopped) {
      const value = next++
      await write(headers, value)
      acknowledged++
    }
  }
  const writers = Promise.all([writer(), writer(), writer(), writer()])
  const files: { file: string; least: number }[] = []
  for (let number = 0; number < 5; number++) {
    const before = acknowledged
    while (acknowledged < before + 20) await new Promise((resolve) => setTimeout(resolve, 5))
    const file = join(place, `backup-${number}.sqlite`)
    // Of four at a time, the three that came before the last acknowledged may have been overwritten in another order.
    const least = acknowledged - 3
    backUpLocal(worker, stateDir, file)
    files.push({ file, least })
  }
  stopped = true
  await writers
  const [groups, users] = await Promise.all([read(server.url, 'Group/magic-7'), read(server.url, 'User/users/magic-7')])

  for (const { file, least } of files) {
    const restored = join(place, `${file}-state`)
    await restoreLocal(worker, { stateDir: restored, file, replace: false })
    expect(contents(localD1Path(restored, worker.databases[0].id))).toEqual(contents(file))
    const copy = await openServer(repository, { stateDir: restored })
    try {
      const [one, two, three] = await readKeys(copy.url)
      expect([two, three]).toEqual([one, one])
      expect(one).toBeGreaterThanOrEqual(least)
      expect(await read(copy.url, 'Group/magic-7')).toEqual(groups)
      expect(await read(copy.url, 'User/users/magic-7')).toEqual(users)
    } finally {
      await copy.stop()
    }
  }
})

it('a restore is refused while the server runs, and where data would go unasked', async () => {
  const file = join(place, 'again.sqlite')
  backUpLocal(worker, stateDir, file)
  await readKeys(server.url)

  await expect(restoreLocal(worker, { stateDir, file, replace: false })).rejects.toThrow('with --replace')
  await expect(restoreLocal(worker, { stateDir, file, replace: true })).rejects.toThrow(
    `${stateDir} is in use by a server (process ${process.pid}), at ${server.url}; stop it first`,
  )
})

it('a restore with --replace puts back what was there, and a file that is no backup changes nothing', async () => {
  const [file, garbage, newer] = ['before.sqlite', 'garbage.sqlite', 'newer.sqlite'].map((name) =>
    join(place, name),
  ) as [string, string, string]
  backUpLocal(worker, stateDir, file)
  backUpLocal(worker, stateDir, newer)
  const [value] = await readKeys(server.url)
  await write(await authorization(server.url), 999_999)
  await server.stop()
  writeFileSync(garbage, 'not a database, though as long as one has to be to be looked at'.repeat(100))
  const database = new DatabaseSync(newer)
  database.exec("insert into d1_migrations (name) values ('9999_future.sql')")
  database.close()
  const restore = (file: string) => restoreLocal(worker, { stateDir, file, replace: true })

  await expect(restore(garbage)).rejects.toThrow('is not a backup of identity-edge')
  await expect(restore(newer)).rejects.toThrow('is of a newer version, which has 9999_future.sql')
  server = await openServer(repository, { stateDir })
  expect(await readKeys(server.url)).toEqual([999_999, 999_999, 999_999])
  await server.stop()
  await restore(file)
  server = await openServer(repository, { stateDir })
  expect(await readKeys(server.url)).toEqual([value, value, value])
})

it('the commands say what they did, and what is wrong in one line', async () => {
  const file = join(place, 'by-command.sqlite')
  const run = async (...args: string[]) => {
    const command = runCommand({ STATE_DIR: stateDir }, 'npm', 'run', '--silent', ...args)
    const { code } = await command.exit
    return { code, output: command.output() }
  }

  expect(await run('backup', '--', file)).toEqual({ code: 0, output: `${file}: a copy of ${stateDir}\n` })
  expect(await run('backup', '--', file)).toEqual({ code: 1, output: `${file} is there already\n` })
  expect(await run('restore', '--', join(place, 'none'))).toEqual({
    code: 1,
    output: `${join(place, 'none')} is not there\n`,
  })
})

it('an export of D1 is brought into an order in which it can be imported', async () => {
  const source = join(place, 'export.sqlite')
  backUpLocal(worker, stateDir, source)
  const dump = dumpOf(source)
  const load = (sql: string) => {
    const database = new DatabaseSync(':memory:')
    database.exec('pragma foreign_keys = on')
    database.exec(`begin; ${sql} commit`)
    return database.prepare('select count(*) as n from clients').get()?.['n']
  }

  expect(() => load(dump)).toThrow('no such table: main.partitions')
  // Two of the host and Hogwarts, one that users sign in with, and the vendor's own.
  expect(load(importable(dump))).toBe(6)
})

/** As D1 exports it: each table with its rows, in the order of their creation, then the indexes. */
function dumpOf(file: string): string {
  const database = new DatabaseSync(file, { readOnly: true })
  const objects = database
    .prepare(
      "select type, name, sql from sqlite_master where sql is not null and name not like '\\_cf%' escape '\\' and name not like 'sqlite%'",
    )
    .all()
  const lines = ['PRAGMA defer_foreign_keys=TRUE;']
  for (const { name, sql } of objects.filter(({ type }) => type === 'table')) {
    lines.push(`${sql};`)
    const columns = database
      .prepare(`select name from pragma_table_info('${name}')`)
      .all()
      .map((column) => `"${column['name']}"`)
    const values = columns.map((column) => `quote(${column})`).join(` || ',' || `)
    for (const row of database.prepare(`select ${values} as line from "${name}"`).all()) {
      lines.push(`INSERT INTO "${name}" (${columns.join(',')}) VALUES(${row['line']});`)
    }
  }
  for (const { sql } of objects.filter(({ type }) => type === 'index')) lines.push(`${sql};`)
  database.close()
  return lines.join('\n')
}
