// Requests to a local run wait until Node says that the database is ready.
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { exportJWK, generateKeyPair } from 'jose'
import { beforeEach, expect, test, vi } from 'vitest'
import { keepGeneratedKey, keyRing } from '../../src/auth/keys.ts'
import { afterStart, type Start } from '../../src/embedded/start.ts'
import { resetIsolate } from '../../src/http/isolate-memory.ts'
import { START_TOKEN_HEADER } from '../../src/http/start-token.ts'
import { FailingD1 } from '../support/failing-d1.ts'
import { ORIGIN } from '../support/tenant.ts'

const START_TOKEN = 'of this start'

beforeEach(resetIsolate)

function starting() {
  const inner = vi.fn(() => new Response('answered'))
  const fetch = afterStart(inner)
  const send = async (request: Request, own: Partial<Cloudflare.Env> = { START_TOKEN }) =>
    fetch(request, { ...env, ...own }, createExecutionContext())
  return { inner, send }
}

const get = (headers: Record<string, string> = {}) => new Request(`${ORIGIN}/health`, { headers })

const end = (start: Start = {}) =>
  new Request(ORIGIN, { method: 'POST', headers: { [START_TOKEN_HEADER]: START_TOKEN }, body: JSON.stringify(start) })

test('requests wait for the one that carries the token, and are answered then', async () => {
  const { inner, send } = starting()
  const waiting = [send(get()), send(get({ [START_TOKEN_HEADER]: 'of another' }))]
  await scheduler.wait(20)
  expect(inner).not.toHaveBeenCalled()
  expect((await send(end())).status).toBe(204)
  for (const answer of waiting) expect(await (await answer).text()).toBe('answered')
  expect(await (await send(get())).text()).toBe('answered')
})

test('none wait where there is no token, as when the runtime is started again', async () => {
  const { send } = starting()
  expect(await (await send(get(), {})).text()).toBe('answered')
})

test('a start that fails is told why, and lets nobody in', async () => {
  const { inner, send } = starting()
  const DB = new FailingD1(env.DB)
  DB.fail('full')
  const own = { START_TOKEN, DB }
  const failed = await send(end(), own)
  expect([failed.status, await failed.text()]).toEqual([500, expect.stringContaining('database or disk is full')])
  void send(get(), own)
  await scheduler.wait(20)
  expect(inner).not.toHaveBeenCalled()
  await send(end())
})

test('a key that was generated elsewhere signs if there is none, and is stored sealed', async () => {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const jwk = await exportJWK(privateKey)
  const moduli = async () => (await keyRing(env)).jwks.keys.map((key) => key.n)
  const before = await moduli()
  await keepGeneratedKey(env, jwk)
  resetIsolate()
  expect(await moduli()).toEqual(before)

  await env.DB.prepare('delete from signing_keys').run()
  resetIsolate()
  await keepGeneratedKey(env, jwk)
  expect(await moduli()).toEqual([jwk.n])
  const stored = await env.DB.prepare('select kid, private_jwk as jwk from signing_keys').all<Record<string, string>>()
  expect(stored.results).toEqual([
    { kid: expect.stringMatching(/^[0-9A-F]{32}$/), jwk: expect.stringMatching(/^sealed:v1:/) },
  ])
})
