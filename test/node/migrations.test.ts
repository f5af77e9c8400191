// A migration is applied while the Worker before it still serves, and stays when a deployment is rolled back: it may add,
// and take away only what the Worker before it does not use either.
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { SCOPES } from '../../src/auth/scopes.ts'
import { hashSecret } from '../../src/connect/client-secret.ts'
import { bundleWorker } from '../../src/node/bundle.ts'
import { readWorkerConfig } from '../../src/node/config.ts'
import { LocalD1 } from '../../src/node/local-d1.ts'
import { localD1Path } from '../../src/node/local-d1-path.ts'
import { migrate } from '../../src/node/migrate.ts'
import { openRuntime } from '../../src/node/runtime.ts'
import { plantHost } from '../../src/seed/deployment.ts'

const PREVIOUS = 'test/previous'
const SECRET = 'for-this-test-alone'
const HOST = '00000000-0000-0000-0000-000000000000'
const GROUP = '11111111-2222-4333-8444-555555555555'

/** What is wrong with a migration, if anything is. `before` are the tables that were there. */
function faultsOf(sql: string, before: ReadonlySet<string>): string[] {
  const made = new Set(Array.from(sql.matchAll(/create table `(\w+)`/gi), ([, name]) => String(name)))
  const statements = sql.split('--> statement-breakpoint').map((statement) => statement.trim())
  return statements.filter(Boolean).flatMap((statement) => {
    const code = statement.replace(/^\s*--.*$/gm, '').trim()
    const unused = /^\s*-- unused since \S+/m.test(statement)
    const [, index] = /^create unique index `\w+` on `(\w+)`/i.exec(code) ?? []
    // The Worker before does not know that it must keep values apart.
    if (index !== undefined && before.has(index) && !made.has(index))
      return [`a unique index on what was there: ${code}`]
    if (/^create (table|index|unique index) /i.test(code)) return []
    if (/^alter table `\w+` add /i.test(code)) {
      return /not null/i.test(code) && !/default|generated/i.test(code)
        ? [`a column that must be written: ${code}`]
        : []
    }
    if (/^drop (table|index) |^alter table `\w+` drop /i.test(code) && unused) return []
    if (/^(insert|update) /i.test(code)) return []
    return [`not an addition: ${code}`]
  })
}

test('every migration adds, or drops what it says is unused since an earlier version', async () => {
  const tables = new Set<string>()
  for (const name of (await readdir('drizzle')).filter((name) => name.endsWith('.sql')).sort()) {
    const sql = await readFile(join('drizzle', name), 'utf8')
    expect(faultsOf(sql, tables), name).toEqual([])
    for (const [, table] of sql.matchAll(/create table `(\w+)`/gi)) tables.add(String(table))
  }
})

it.each([
  ['DROP TABLE `settings`;', 1],
  ['-- unused since 0.2.0\nDROP TABLE `settings`;', 0],
  ['ALTER TABLE `settings` RENAME TO `preferences`;', 1],
  ['ALTER TABLE `settings` RENAME COLUMN `key` TO `name`;', 1],
  ['-- unused since 0.2.0\nALTER TABLE `settings` RENAME COLUMN `key` TO `name`;', 1],
  ['ALTER TABLE `settings` ADD `note` text;', 0],
  ['ALTER TABLE `settings` ADD `note` text NOT NULL;', 1],
  ["ALTER TABLE `settings` ADD `note` text DEFAULT '' NOT NULL;", 0],
  ['CREATE UNIQUE INDEX `one` ON `settings` (`value`);', 1],
  ['CREATE INDEX `one` ON `settings` (`value`);', 0],
  ['DELETE FROM `settings`;', 1],
])('%s has %i faults', (sql, faults) => {
  expect(faultsOf(sql, new Set(['settings']))).toHaveLength(faults)
})

describe('the previous version and this one on one database', async () => {
  const worker = readWorkerConfig()
  const frozen: { migrations: Record<string, string> } = JSON.parse(
    await readFile(join(PREVIOUS, 'version.json'), 'utf8'),
  )
  let place: string

  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'versions-'))
  })
  afterAll(() => rm(place, { recursive: true, force: true }))

  const migrateTo = async (names: readonly string[]) => {
    const d1 = new LocalD1(localD1Path(join(place, 'state'), worker.databases[0].id))
    await migrate(
      d1,
      await Promise.all(names.map(async (name) => ({ name, sql: await readFile(join('drizzle', name), 'utf8') }))),
    )
    return d1
  }

  /** Runs a version on the database. */
  const serving = async (script: string, use: (call: Call) => Promise<void>) => {
    const variables = { EMBEDDED: '', LOG: 'off' }
    const runtime = await openRuntime(worker, { stateDir: join(place, 'state'), script, variables })
    try {
      await use(await callsTo(`http://127.0.0.1:${runtime.port}/identity_`))
    } finally {
      await runtime.stop()
    }
  }

  it('each reads what the other wrote, and goes on writing, before and after the migrations', async () => {
    const before = gunzipSync(await readFile(join(PREVIOUS, 'worker.js.gz'))).toString()
    const now = await bundleWorker(worker.main)
    const plant = await migrateTo(Object.keys(frozen.migrations))
    for (const { sql, values } of plantHost('2026-01-01T00:00:00')) {
      await plant
        .prepare(sql)
        .bind(...values)
        .run()
    }
    // In the columns that both versions have.
    await plant
      .prepare('insert into clients (id, partition_id, secret_hash, scopes, host_admin) values (?, ?, ?, ?, 1)')
      .bind('admin', HOST, await hashSecret(SECRET), SCOPES.join(' '))
      .run()
    plant.close()

    await serving(before, (call) => writeAll(call, 1))
    const migrated = await migrateTo((await readdir('drizzle')).filter((name) => name.endsWith('.sql')).sort())
    migrated.close()
    await serving(before, async (call) => {
      await readAll(call, 1)
      await writeAll(call, 2)
    })
    await serving(now, async (call) => {
      await readAll(call, 2)
      await writeAll(call, 3)
    })
    // Rolled back.
    await serving(before, async (call) => {
      await readAll(call, 3)
      await writeAll(call, 4)
    })
    await serving(now, (call) => readAll(call, 4))
  })

  it('has migrations that stay as they were', async () => {
    for (const [name, digest] of Object.entries(frozen.migrations)) {
      const sql = await readFile(join('drizzle', name))
      expect(createHash('sha256').update(sql).digest('hex'), name).toBe(digest)
    }
  })
})

type Call = (method: string, path: string, json?: unknown) => Promise<unknown>

async function callsTo(base: string): Promise<Call> {
  const form = { grant_type: 'client_credentials', client_id: 'admin', client_secret: SECRET }
  const issued = await fetch(`${base}/connect/token`, { method: 'POST', body: new URLSearchParams(form) })
  const text = await issued.text()
  expect(issued.status, text).toBe(200)
  const { access_token: token }: { access_token: string } = JSON.parse(text)
  return async (method, path, json) => {
    const response = await fetch(`${base}/api/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    })
    const answer = await response.text()
    expect(response.ok, `${method} ${path}: ${response.status} ${answer}`).toBe(true)
    return answer === '' ? undefined : JSON.parse(answer)
  }
}

const userId = (round: number) => `00000000-0000-4000-8000-00000000000${round}`

/** One of everything that is kept: a setting, a user in a group, a robot account, and one of each deleted. */
async function writeAll(call: Call, round: number): Promise<void> {
  const partitionGlobalId = HOST
  if (round === 1) await call('POST', 'Group', { partitionGlobalId, id: GROUP, name: 'Crew' })
  await call('PUT', 'Setting', { partitionGlobalId, settings: [{ key: 'Round', value: String(round) }] })
  await call('POST', 'User', {
    partitionGlobalId,
    id: userId(round),
    userName: `user-${round}`,
    password: 'Abcdefgh1ij',
    groupIDs: [GROUP],
  })
  if (round > 1) await call('PUT', `User/${userId(round - 1)}`, { surname: `of ${round}` })
  if (round > 2) await call('DELETE', `User/${userId(round - 2)}`)
  await call('POST', 'RobotAccount', { partitionGlobalId, name: `robot-${round}`, groupIDsToAdd: [GROUP] })
  await call('POST', `User/${userId(round)}/changepassword`, { oldPassword: 'Abcdefgh1ij', newPassword: 'Abcdefgh2ij' })
}

async function readAll(call: Call, round: number): Promise<void> {
  expect(await call('GET', `Setting?partitionGlobalId=${HOST}&key=Round`)).toMatchObject([{ value: String(round) }])
  expect(await call('GET', `User/${userId(round)}`)).toMatchObject({ userName: `user-${round}` })
  const users = [round - 1, round].filter((kept) => kept > 0)
  expect(await call('GET', `User/users/${HOST}`)).toMatchObject({ totalCount: users.length })
  const { members } = (await call('GET', `Group/${HOST}/${GROUP}`)) as { members: unknown[] }
  expect(members).toHaveLength(users.length + round)
  expect(await call('GET', `RobotAccount/${HOST}`)).toMatchObject({ totalCount: round })
}
