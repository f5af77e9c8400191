// Names that were written before there were keys: a start on such data, also out of a backup, and a deployment give them keys.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Step } from '../../src/control/states/name-fill.ts'
import { backUpLocal, restoreLocal } from '../../src/node/backup/local.ts'
import { readWorkerConfig } from '../../src/node/config/config.ts'
import type { Query } from '../../src/node/deploy/account.ts'
import { fillNames } from '../../src/node/deploy/fill-names.ts'
import { repository } from '../../src/node/local/repository.ts'
import { openServer } from '../../src/node/runtime/server.ts'
import { ASK_FOR_UNKEYED } from '../../src/node/state/name-fill.ts'
import { prepareState } from '../../src/node/state/prepare.ts'
import { fetchToken } from './command.ts'
import { onDatabase } from './on-database.ts'

const worker = readWorkerConfig()
let place: string
let stateDir: string

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'names-'))
  stateDir = join(place, 'state')
  await prepareState(worker, stateDir)
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(place, { recursive: true, force: true })
})

const isAnyUnkeyed = async () => (await onDatabase(stateDir, ASK_FOR_UNKEYED))?.length === 1

/** Makes the data that of before the migration with the keys. */
const rewind = () =>
  onDatabase(
    stateDir,
    'drop table name_keys',
    'drop table group_name_keys',
    'drop index directory_entities_no_email',
    "delete from d1_migrations where name = '0003_name_keys.sql'",
  )

const insertUsers = (...names: string[]) =>
  onDatabase(
    stateDir,
    ...names.flatMap((name, index) => [
      `insert into directory_entities (partition_id, id, type, name, display_name) values ('magic-7', 'old-${index}', 0, '${name}', '')`,
      `insert into users (entity_seq, legacy_id) select seq, seq from directory_entities where id = 'old-${index}'`,
    ]),
  )

async function createUser(url: string, userName: string) {
  const headers = { authorization: `Bearer ${await fetchToken(url)}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ partitionGlobalId: 'magic-7', userName })
  const response = await fetch(`${url}/identity_/api/User`, { method: 'POST', headers, body })
  return `${response.status} ${await response.text()}`
}

describe('a start', () => {
  const lines = () => vi.spyOn(console, 'warn').mockImplementation(() => {})

  test('on data of before gives names keys, and lists those that clash', async () => {
    await rewind()
    await insertUsers('Müller', 'Ünal', 'ünal')
    const warned = lines()
    const server = await openServer(repository, { stateDir })
    try {
      expect(warned.mock.calls).toEqual([
        [
          'userName "ünal" of old-2 in partition magic-7 is the same as another there; both stay, and a third is refused',
        ],
      ])
      expect(await createUser(server.url, 'MÜLLER')).toMatch(/^400 .*DuplicateUserName/)
      expect(await createUser(server.url, 'U\u0308NAL')).toMatch(/^400 .*DuplicateUserName/)
    } finally {
      await server.stop()
    }
    expect(
      await onDatabase(stateDir, "select name from directory_entities where id like 'old-%' order by id"),
    ).toHaveLength(3)
  })

  test('after a backup of before was restored gives its names keys', async () => {
    await rewind()
    await insertUsers('Müller')
    const file = join(place, 'backup')
    backUpLocal(worker, stateDir, file)
    stateDir = join(place, 'restored')
    await restoreLocal(worker, { stateDir, file, replace: false })
    await prepareState(worker, stateDir)
    expect(await onDatabase(stateDir, "select key from name_keys where name = 'Müller'")).toEqual([{ key: 'MÜLLER' }])
    expect(await isAnyUnkeyed()).toBe(false)
  })

  test('finds what another version wrote since', async () => {
    await insertUsers('Müller', 'plain')
    expect(await isAnyUnkeyed()).toBe(true)
    const warned = lines()
    await prepareState(worker, stateDir)
    expect(await isAnyUnkeyed()).toBe(false)
    expect(warned).not.toHaveBeenCalled()
  })
})

describe('a deployment', () => {
  const query: Query = async <Row>(_: string, sql: string) => ((await onDatabase(stateDir, sql)) ?? []) as Row[]
  const next = { database: 0, kind: 'email', after: 0 } as const
  const clash = { partition: 'p', kind: 'userName', id: 'u', name: 'ünal' } as const
  const steps: Step[] = [
    { filled: 250, clashing: [clash], next },
    { filled: 3, clashing: [], next: undefined },
  ]

  /** What is asked of the deployment, which gives these answers; and what is printed. */
  async function run(token: string | undefined, ...answers: Response[]) {
    const asked: [authorization: string | null, url: string, body: unknown][] = []
    const answer: typeof fetch = async (url, { headers, body } = {}) => {
      asked.push([new Headers(headers).get('authorization'), String(url), JSON.parse(String(body))])
      return answers.shift() ?? new Response('no more', { status: 500 })
    }
    const lines = fillNames(query, ['DB'], { origin: 'https://x', token }, { fetch: answer, pauseMs: 0 })
    return { asked, lines: await lines }
  }

  test('asks for nothing where nothing lacks a key', async () => {
    expect(await run('t')).toEqual({ asked: [], lines: [] })
  })

  test('has names filled step by step, also where the version before still answers', async () => {
    await insertUsers('Müller')
    const { asked, lines } = await run(
      't',
      new Response('', { status: 404 }),
      ...steps.map((step) => Response.json(step)),
    )
    const url = 'https://x/_control/names/fill'
    expect(asked).toEqual([
      ['Bearer t', url, {}],
      ['Bearer t', url, {}],
      ['Bearer t', url, { from: next }],
    ])
    expect(lines).toEqual([
      'names: 253 keys filled, clashing: 1',
      '  userName "ünal" of u in partition p is the same as another there; both stay, and a third is refused',
    ])
  })

  test('says what to do without the token, and fails where it is refused', async () => {
    await insertUsers('Müller')
    expect(await run(undefined)).toMatchObject({
      asked: [],
      lines: [expect.stringContaining('CONTROL_TOKEN=… npm run deploy')],
    })
    const refused = Array.from({ length: 5 }, () => new Response('wrong', { status: 401 }))
    await expect(run('t', ...refused)).rejects.toThrow('answers 401: wrong')
  })
})
