// The data of a local run of the previous version opens in this one, and this one does not touch the data of a newer.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { SCOPES } from '../../src/auth/scopes.ts'
import { hashSecret } from '../../src/connect/client-secret.ts'
import { readWorkerConfig } from '../../src/node/config/config.ts'
import { repository } from '../../src/node/local/repository.ts'
import { openRuntime } from '../../src/node/runtime/runtime.ts'
import { openServer } from '../../src/node/runtime/server.ts'
import { LocalD1 } from '../../src/node/state/local-d1.ts'
import { localD1Path } from '../../src/node/state/local-d1-path.ts'
import { migrate } from '../../src/node/state/migrate.ts'
import { plantHost } from '../../src/seed/deployment.ts'
import { fetchToken, newPlace, runCommand } from './command.ts'

const PREVIOUS = 'test/previous'
const HOST = '00000000-0000-0000-0000-000000000000'
const USER = '11111111-2222-4333-8444-555555555555'
const worker = readWorkerConfig()

let stateDir: string
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'state-versions-'))
})
afterEach(() => rm(stateDir, { recursive: true, force: true }))

const open = () => new LocalD1(localD1Path(stateDir, worker.databases[0].id))

const callTo = async (url: string) => {
  const authorization = `Bearer ${await fetchToken(url)}`
  return async (method: string, path: string, json?: unknown) => {
    const headers = { authorization, 'content-type': 'application/json' }
    const body = json === undefined ? {} : { body: JSON.stringify(json) }
    const response = await fetch(`${url}/identity_/api/${path}`, { method, headers, ...body })
    const text = await response.text()
    expect(response.status, `${method} ${path}: ${text}`).toBe(200)
    return JSON.parse(text)
  }
}

/** Data as the previous version leaves it: with its migrations alone, secrets in clear, and no key file. */
async function leaveData() {
  const frozen: { migrations: Record<string, string> } = JSON.parse(
    await readFile(join(PREVIOUS, 'version.json'), 'utf8'),
  )
  const d1 = open()
  const sqls = Object.keys(frozen.migrations).map(async (name) => ({
    name,
    sql: await readFile(join('drizzle', name), 'utf8'),
  }))
  await migrate(d1, await Promise.all(sqls))
  for (const { sql, values } of plantHost('2026-01-01T00:00:00')) {
    await d1
      .prepare(sql)
      .bind(...values)
      .run()
  }
  await d1
    .prepare('insert into clients (id, partition_id, secret_hash, scopes, host_admin) values (?, ?, ?, ?, 1)')
    .bind('hogwarts-admin', HOST, await hashSecret('hogwarts-admin-secret'), SCOPES.join(' '))
    .run()
  d1.close()
  return gunzipSync(await readFile(join(PREVIOUS, 'worker.js.gz'))).toString()
}

it('the data of the previous version opens, with its passwords', async () => {
  const script = await leaveData()
  const runtime = await openRuntime(worker, { stateDir, script, variables: { EMBEDDED: '', LOG: 'off' } })
  try {
    const call = await callTo(`http://127.0.0.1:${runtime.port}`)
    const settings = [{ key: 'Hook.Secret', value: 'of before' }]
    await call('PUT', 'Setting', { partitionGlobalId: HOST, settings })
    await call('POST', 'User', { partitionGlobalId: HOST, id: USER, userName: 'nick', password: 'Sesame-1' })
  } finally {
    await runtime.stop()
  }
  const server = await openServer(repository, { stateDir })
  try {
    const call = await callTo(server.url)
    expect(await call('GET', `Setting?partitionGlobalId=${HOST}&key=Hook.Secret`)).toMatchObject([
      { value: 'of before' },
    ])
    await call('POST', `User/${USER}/changepassword`, { oldPassword: 'Sesame-1', newPassword: 'Sesame-2' })
  } finally {
    await server.stop()
  }
})

it('data of a newer version is refused in one line, and left as it is', async () => {
  const server = await openServer(repository, { stateDir })
  await server.stop()
  const d1 = open()
  await d1.prepare("insert into d1_migrations (name) values ('9999_future.sql')").run()
  d1.close()
  const place = { ...(await newPlace()), STATE_DIR: stateDir }
  for (const script of ['start', 'dev']) {
    const command = runCommand(place, 'npm', 'run', '--silent', script)
    expect((await command.exit).code).toBe(1)
    expect(command.output()).toBe(
      'the database could not be made ready: it is of a newer version, which has 9999_future.sql; start that version, or take another directory\n',
    )
  }
})
