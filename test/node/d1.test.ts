// What the tenant expects of a D1, of the local one as of Miniflare's, which is Cloudflare's own stand-in for the service.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { expect, it } from 'vitest'
import * as z from 'zod/mini'
import { readWorkerConfig } from '../../src/node/config/config.ts'
import { openRuntime } from '../../src/node/runtime/runtime.ts'

const SCRIPT = `
const attempt = async (work) => { try { return await work() } catch (error) { return error.message } }
const bookmarks = async (DB, statement) => {
  const sessions = [DB.withSession(), DB.withSession()]
  for (const session of sessions) await statement(session).run()
  return sessions.map((session) => session.getBookmark())
}
export default {
  async fetch(request, { DB }) {
    await DB.prepare('create table if not exists t (id integer primary key, v text)').run()
    const insert = (id, v) => DB.prepare('insert into t values (?, ?) returning id, v').bind(id, v)
    const session = DB.withSession('first-primary')
    return Response.json({
      rows: (await DB.batch([insert(1, 'one'), insert(2, null)])).map(({ results }) => results),
      refused: await attempt(() => DB.batch([insert(3, 'three'), insert(1, 'again')])),
      unknown: await attempt(() => DB.prepare('select absent').all()),
      left: (await session.prepare('select id from t order by id').all()).results,
      bookmark: session.getBookmark(),
      grow: (await bookmarks(DB, (session) => session.prepare('insert into t (v) values (?)').bind('more')))
        .every((bookmark, index, all) => index === 0 || bookmark > all[index - 1]),
      together: await Promise.all([4, 5, 6].map((value) => DB.prepare('select ? as v').bind(value).first('v'))),
      first: await DB.prepare('select v from t where id = ?1 or id = ?1').bind(1).first('v'),
      none: await DB.prepare('select v from t where id = ?').bind(99).first(),
      raw: await DB.prepare('select id, v from t where id < 3 order by id').raw(),
      cost: (await DB.prepare('select v from t where id = 1').all()).meta,
      unbindable: await attempt(() => DB.prepare('select ?').bind(undefined).all()),
    })
  },
}`

/** Does something with a folder for data, which is removed afterwards. */
async function withStateDir<Result>(work: (stateDir: string) => Promise<Result>): Promise<Result> {
  const stateDir = await mkdtemp(join(tmpdir(), 'identity-edge-d1-'))
  try {
    return await work(stateDir)
  } finally {
    await rm(stateDir, { recursive: true, force: true })
  }
}

/** Asks the script on the local D1. */
const onLocalD1 = () => withStateDir((stateDir) => askLocally(stateDir, SCRIPT))

async function askLocally(stateDir: string, script: string): Promise<unknown> {
  const runtime = await openRuntime(readWorkerConfig(), { stateDir, script })
  try {
    return await (await fetch(`http://127.0.0.1:${runtime.port}/`)).json()
  } finally {
    await runtime.stop()
  }
}

/** Asks the script on Miniflare's D1. */
async function onMiniflare(): Promise<unknown> {
  const { compatibilityDate } = readWorkerConfig()
  const options = {
    modules: true,
    script: SCRIPT,
    compatibilityDate,
    d1Databases: { DB: 'contract' },
    cf: false,
  } as const
  const miniflare = new Miniflare(convertV4MiniflareOptions({ name: 'contract', ...options }))
  try {
    return await (await miniflare.dispatchFetch('http://127.0.0.1/')).json()
  } finally {
    await miniflare.dispose()
  }
}

it.each([
  ['the local D1', onLocalD1],
  ["Miniflare's D1", onMiniflare],
])('%s answers batches in order, undoes one that fails, says why, and gives bookmarks', async (_, ask) => {
  expect(await ask()).toEqual({
    rows: [[{ id: 1, v: 'one' }], [{ id: 2, v: null }]],
    refused: expect.stringContaining('SQLITE_CONSTRAINT'),
    unknown: expect.stringContaining('no such column'),
    left: [{ id: 1 }, { id: 2 }],
    bookmark: expect.stringMatching(/^(?:[0-9a-f]{8}-){3}[0-9a-f]{32}$/),
    grow: true,
    together: [4, 5, 6],
    first: 'one',
    none: null,
    raw: [
      [1, 'one'],
      [2, null],
    ],
    cost: expect.objectContaining({ rows_read: 1, rows_written: 0, served_by_primary: true }),
    unbindable: expect.stringContaining('D1_TYPE_ERROR'),
  })
})

it('gives bookmarks that sort behind those of an earlier run, and forgets what was asked', async () => {
  const script = `
const calls = () => globalThis[Symbol.for('identity-edge.d1.calls')].size
export default {
  async fetch(request, { DB }) {
    const session = DB.withSession()
    await session.prepare('create table if not exists t (id integer primary key)').run()
    await session.prepare('absent').run().catch(() => {})
    return Response.json({ bookmark: session.getBookmark(), calls: calls() })
  },
}`
  const answers = await withStateDir(async (stateDir) => [
    await askLocally(stateDir, script),
    await askLocally(stateDir, script),
  ])
  const [earlier, later] = z.array(z.object({ bookmark: z.string(), calls: z.literal(0) })).parse(answers)
  expect([earlier?.bookmark, later?.bookmark].sort()).toEqual([earlier?.bookmark, later?.bookmark])
  expect(later?.bookmark).not.toBe(earlier?.bookmark)
})
