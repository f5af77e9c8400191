// How often tokens may be asked for, counted by a stand-in for Cloudflare's counters.
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import worker from '../../src/index.ts'
import { CONTROL_TOKEN } from '../support/control.ts'
import { CountingD1 } from '../support/counting-d1.ts'
import { answer, ORIGIN } from '../support/tenant.ts'

/** Lets `limit` calls of each key pass. */
class Limiter implements RateLimit {
  readonly seen = new Map<string, number>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  async limit({ key }: RateLimitOptions) {
    const count = (this.seen.get(key) ?? 0) + 1
    this.seen.set(key, count)
    return { success: count <= this.#limit }
  }
}

const open = (vars: Partial<Cloudflare.Env> = {}) => {
  const [TOKENS_BY_CLIENT, TOKENS_BY_ADDRESS, DB] = [new Limiter(2), new Limiter(4), new CountingD1(env.DB)]
  const bindings = { ...env, TOKENS_BY_CLIENT, TOKENS_BY_ADDRESS, DB, ...vars }
  const ask = (client_id: string, address: string | undefined = '192.0.2.1', client_secret = 'host-admin-secret') => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret })
    const headers: HeadersInit = address ? { 'CF-Connecting-IP': address } : {}
    const request = new Request(`${ORIGIN}/identity_/connect/token`, { method: 'POST', body, headers })
    return worker.fetch(request, bindings, createExecutionContext())
  }
  return { ask, bindings, byClient: TOKENS_BY_CLIENT, byAddress: TOKENS_BY_ADDRESS, DB }
}

async function expectLimited(response: Response) {
  const body = await answer<object>(response, 429)
  expect(body).toEqual({ error: 'temporarily_unavailable', error_description: 'Too many token requests.' })
  expect(response.headers.get('Retry-After')).toBe('60')
  expect(response.headers.get('Cache-Control')).toBe('no-store')
}

test('a client that asks too often from an address is 429 without asking the database, and others are not', async () => {
  const { ask, DB } = open()
  await answer(await ask('host-admin'))
  await answer(await ask('host-admin', '192.0.2.1', 'wrong'), 400)
  DB.takeTrips()
  await expectLimited(await ask('host-admin'))
  expect(DB.takeTrips()).toHaveLength(0)
  await answer(await ask('hogwarts-admin'), 400)
})

test('wrong secrets in a client’s name, from any number of addresses, do not keep the right one from its token', async () => {
  const { ask } = open()
  for (let address = 2; address < 12; address++) {
    for (let round = 0; round < 4; round++) {
      const response = await ask('host-admin', `192.0.2.${address}`, 'wrong')
      expect(response.status).toBe(round < 2 ? 400 : 429)
    }
  }
  await answer(await ask('host-admin'))
})

test('wrong control tokens are 429 beyond the limit, and the right one is not', async () => {
  const { bindings } = open({ CONTROL_TOKEN })
  const list = (token: string, address = '192.0.2.1') => {
    const headers = { Authorization: `Bearer ${token}`, 'CF-Connecting-IP': address }
    return worker.fetch(new Request(`${ORIGIN}/_control/tenants`, { headers }), bindings, createExecutionContext())
  }
  for (let round = 0; round < 4; round++) await answer(await list('wrong'), 401)
  const limited = await list('wrong')
  expect(limited.headers.get('Retry-After')).toBe('60')
  expect(await answer(limited, 429)).toMatchObject({ detail: 'Too many wrong control tokens.' })
  await answer(await list(CONTROL_TOKEN))
  await answer(await list('wrong', '192.0.2.2'), 401)
})

test('an address that asks too often is 429 whatever it asks, and others are not', async () => {
  const { ask, byClient } = open()
  for (const id of ['a', 'b', 'c', 'd']) await answer(await ask(id), 400)
  await expectLimited(await ask('e'))
  await expectLimited(await ask(''))
  expect(byClient.seen.has('e')).toBe(false)
  await answer(await ask('e', '192.0.2.9'), 400)
})

test('a client id of any length is one counter, and a key is never longer than Cloudflare takes', async () => {
  const { ask, byClient } = open()
  await answer(await ask('x'.repeat(9000)), 400)
  expect([...byClient.seen.keys()].map(({ length }) => length)).toEqual(['192.0.2.1 '.length + 200])
})

test('nothing is counted without an address, an embedded tenant or bindings, and a counter that fails lets pass', async () => {
  const embedded = open({ EMBEDDED: 'true' })
  for (let round = 0; round < 6; round++) await answer(await embedded.ask('host-admin'))
  expect([embedded.byClient.seen.size, embedded.byAddress.seen.size]).toEqual([0, 0])
  const nowhere = open()
  for (const id of ['a', 'b', 'c', 'd', 'e']) await answer(await nowhere.ask(id, ''), 400)
  const broken = { limit: () => Promise.reject(new Error('no counter')) }
  await answer(await open({ TOKENS_BY_CLIENT: broken, TOKENS_BY_ADDRESS: broken }).ask('host-admin'))
  const { TOKENS_BY_CLIENT, TOKENS_BY_ADDRESS, ...unbound } = env
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'host-admin', client_secret: 'no' })
  const request = new Request(`${ORIGIN}/identity_/connect/token`, { method: 'POST', body })
  const bare: Partial<Cloudflare.Env> = unbound
  await answer(
    await worker.fetch(request, Object.assign(bare, { DB: env.DB }) as Cloudflare.Env, createExecutionContext()),
    400,
  )
})
