// GET /ready: whether requests should be sent here.
import { createExecutionContext } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { afterEach, expect, test } from 'vitest'
import { keyRing } from '../../src/auth/keys.ts'
import { NEWEST } from '../../src/health/readiness.queries.ts'
import worker from '../../src/index.ts'
import { countedCalls } from '../support/counting-d1.ts'
import { FailingD1 } from '../support/failing-d1.ts'
import { answer, ORIGIN } from '../support/tenant.ts'

const ready = (vars: Partial<Cloudflare.Env> = {}) =>
  worker.fetch(new Request(`${ORIGIN}/ready`), { ...env, ...vars }, createExecutionContext())

const undo: string[] = []
afterEach(async () => {
  for (const sql of undo.splice(0)) await env.DB.prepare(sql).run()
})

async function expectUnavailable(response: Response, checks: object) {
  expect(await answer(response, 503)).toMatchObject({ status: 'unavailable', checks })
  expect(response.headers.get('Retry-After')).toBe('5')
}

test('200 when the database answers, its migrations are current and the key is there', async () => {
  expect(env.MIGRATIONS?.at(-1)?.name).toBe(NEWEST)
  const response = await exports.default.fetch(`${ORIGIN}/ready`)
  expect(await answer(response)).toEqual({
    status: 'ready',
    checks: { database: true, migrations: true, keys: true },
    answered: { region: null, primary: true },
  })
  await answer(await exports.default.fetch(`${ORIGIN}/ready`, { method: 'POST' }), 405)
})

test('it is one round trip, also where reads are remembered', async () => {
  const call = await countedCalls()
  const { response, trips } = await call('GET', '/../ready')
  await answer(response)
  expect(trips).toHaveLength(1)
})

test.each([{}, { EMBEDDED: 'true' }])('503 while a migration is missing, with %j', async (vars) => {
  await answer(await ready(vars))
  await env.DB.prepare("update d1_migrations set name = 'x' || name where name = ?").bind(NEWEST).run()
  undo.push(`update d1_migrations set name = substr(name, 2) where name = 'x${NEWEST}'`)
  await expectUnavailable(await ready(vars), { database: true, migrations: false, keys: true })
})

test('503 while the signing key is not kept, unless it is a secret', async () => {
  const { secret } = await keyRing(env)
  await env.DB.prepare("update signing_keys set kid = 'x' || kid").run()
  undo.push('update signing_keys set kid = substr(kid, 2)')
  await expectUnavailable(await ready(), { database: true, migrations: true, keys: false })
  await answer(await ready({ SIGNING_KEY: secret }))
})

test('503 while the database does not answer, or has no tables', async () => {
  const d1 = new FailingD1(env.DB)
  await answer(await ready({ DB: d1 }))
  d1.fail('refuse')
  await expectUnavailable(await ready({ DB: d1 }), { database: false, migrations: false, keys: false })
  d1.recover()
  await answer(await ready({ DB: d1 }))
  await env.DB.prepare('alter table d1_migrations rename to elsewhere').run()
  undo.push('alter table elsewhere rename to d1_migrations')
  await expectUnavailable(await ready(), { database: true, migrations: false, keys: false })
})

test('503 in a local run while its disk keeps no writes', async () => {
  const d1 = new FailingD1(env.DB)
  const local = { DB: d1, EMBEDDED: 'true' }
  const checks = { database: true, migrations: true, keys: true }
  expect(await answer(await ready(local))).toMatchObject({ status: 'ready', checks: { ...checks, writes: true } })
  d1.fail('unwritable')
  await expectUnavailable(await ready(local), { ...checks, writes: false })
  await answer(await ready({ DB: d1 }))
  await d1.recover()
  await answer(await ready(local))
})
