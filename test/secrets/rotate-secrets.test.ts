// Rotating keys while the tenant serves: stored secrets are sealed anew, step by step, and signing keys change hands.
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { decodeProtectedHeader, type JSONWebKeySet } from 'jose'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createSealedKey } from '../../src/auth/keys.ts'
import worker from '../../src/index.ts'
import { type Position, START, type Step } from '../../src/rotation/reseal.ts'
import { seal } from '../../src/secrets/seal.ts'
import { settingContext } from '../../src/settings/secret-settings.ts'
import { adminOf, answer, createPartition, ISSUER, user } from '../support/tenant.ts'

const CONTROL_TOKEN = 'a-token-of-24-characters'
const COMING = `${'K'.repeat(42)}A`
const old = { ...env, CONTROL_TOKEN }
const rotated = { ...env, CONTROL_TOKEN, ENCRYPTION_KEY: COMING, ENCRYPTION_KEYS_OLD: env.ENCRYPTION_KEY ?? '' }
const onlyNew = { ...env, CONTROL_TOKEN, ENCRYPTION_KEY: COMING }

const ask = async (on: Cloudflare.Env, method: string, path: string, { token = CONTROL_TOKEN, json = {} } = {}) => {
  const context = createExecutionContext()
  const url = path.startsWith('/_control') ? new URL(path, ISSUER).href : `${ISSUER}${path}`
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
  const request = new Request(url, { method, headers, body: method === 'GET' ? null : JSON.stringify(json) })
  const response = await worker.fetch(request, on, context)
  await waitOnExecutionContext(context)
  return response
}

/** Runs all steps; `between` each two. */
async function resealAll(on: Cloudflare.Env, between = async (_: number) => {}) {
  const steps: Step[] = []
  for (let from: Position | undefined = START; from; from = steps.at(-1)?.next) {
    steps.push(await answer<Step>(await ask(on, 'POST', '/_control/secrets/reseal', { json: { from } })))
    await between(steps.length)
  }
  return { steps: steps.length, resealed: steps.reduce((sum, { resealed }) => sum + resealed, 0) }
}

const settingOf = async (on: Cloudflare.Env, partition: string, key: string, owner = '') => {
  const token = await adminOf(partition)
  const path = `/api/Setting?partitionGlobalId=${partition}&key=${key}${owner}`
  return answer<{ value: string }[]>(await ask(on, 'GET', path, { token }))
}

const keep = (partition: string, count: number, value: (index: number) => Promise<string>) =>
  Promise.all(Array.from({ length: count }, async (_, index) => [`Hook.${index}.Secret`, await value(index)])).then(
    (rows) =>
      env.DB.prepare(
        'insert into settings (partition_id, key, value) select ?, value ->> 0, value ->> 1 from json_each(?)',
      )
        .bind(partition, JSON.stringify(rows))
        .run(),
  )

const leftUnder = async (start: string) =>
  env.DB.prepare(
    "select count(*) as n from settings where value is not null and key like '%secret' and substr(value, 1, ?) <> ?",
  )
    .bind(start.length, start)
    .first<number>('n')

const start = async () => (await seal(onlyNew, '', '')).slice(0, 'sealed:v1:12345678:'.length)

describe('POST /_control/secrets/reseal', () => {
  let partition: string
  beforeEach(async () => {
    await env.DB.prepare("delete from settings where partition_id <> 'magic-7'").run()
    partition = await createPartition({ entities: [user('ada')] })
  })

  test('brings all of it under the current key, plain values too; then the old key is not needed', async () => {
    const sealed = (index: number) => seal(old, settingContext({ user: null }, `Hook.${index}.Secret`), `s${index}`)
    await keep(partition, 250, async (index) => (index % 2 ? `s${index}` : sealed(index)))
    const json = { settings: [{ key: 'My.Token', value: 'ada’s' }], partitionGlobalId: partition, userId: 'ada' }
    await answer(await ask(old, 'PUT', '/api/Setting', { json, token: await adminOf(partition) }))

    const run = await resealAll(rotated)
    expect(run.steps).toBeGreaterThanOrEqual(3)
    expect(run.resealed).toBeGreaterThanOrEqual(251)
    expect(await leftUnder(await start())).toBe(0)
    expect(await settingOf(onlyNew, partition, 'Hook.248.Secret')).toMatchObject([{ value: 's248' }])
    expect(await settingOf(onlyNew, partition, 'Hook.249.Secret')).toMatchObject([{ value: 's249' }])
    expect(await settingOf(onlyNew, partition, 'My.Token', '&userId=ada')).toMatchObject([{ value: 'ada’s' }])
    expect(await resealAll(rotated)).toMatchObject({ resealed: 0 })
    await resealAll({ ...old, ENCRYPTION_KEYS_OLD: COMING })
  })

  test('can stop anywhere and begin anew, and loses no write that is made meanwhile', async () => {
    await keep(partition, 300, async (index) => `before ${index}`)
    const written: number[] = []
    const write = async (step: number) => {
      const index = (step * 97) % 300
      const settings = [{ key: `Hook.${index}.Secret`, value: `after ${index}` }]
      const json = { settings, partitionGlobalId: partition }
      await answer(await ask(old, 'PUT', '/api/Setting', { json, token: await adminOf(partition) }))
      written.push(index)
    }
    const first = { from: { database: 0, after: 0 } }
    await answer(await ask(rotated, 'POST', '/_control/secrets/reseal', { json: first }))
    await Promise.all([resealAll(rotated, write), resealAll(rotated, write), ...[200, 201, 202].map(write)])
    await resealAll(rotated)
    for (let index = 0; index < 300; index += 20) {
      const value = written.includes(index) ? `after ${index}` : `before ${index}`
      expect(await settingOf(onlyNew, partition, `Hook.${index}.Secret`)).toMatchObject([{ value }])
    }
    for (const index of written) {
      const value = `after ${index}`
      expect(await settingOf(onlyNew, partition, `Hook.${index}.Secret`)).toMatchObject([{ value }])
    }
    await resealAll({ ...old, ENCRYPTION_KEYS_OLD: COMING })
  })

  test('goes past a value that no key opens, names it, and leaves it as it is', async () => {
    const lost = { ...env, ENCRYPTION_KEY: `${'L'.repeat(42)}A` }
    await keep(partition, 1, () => seal(lost, settingContext({ user: null }, 'Hook.0.Secret'), 'x'))
    const left = () => env.DB.prepare("select value from settings where key = 'Hook.0.Secret'").first('value')
    const before = await left()
    await env.DB.prepare("insert into settings (partition_id, key, value) values (?, 'Behind.Secret', 'y')")
      .bind(partition)
      .run()
    const step = await answer<Step>(await ask(rotated, 'POST', '/_control/secrets/reseal'))
    expect(step.unopened).toEqual([
      expect.stringMatching(`^setting Hook.0.Secret .id \\d+. of partition ${partition}$`),
    ])
    expect(await settingOf(onlyNew, partition, 'Behind.Secret')).toMatchObject([{ value: 'y' }])
    expect(await left()).toBe(before)
    await resealAll({ ...old, ENCRYPTION_KEYS_OLD: COMING })
  })
})

describe('the signing key', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  const published = async (on: Cloudflare.Env) => {
    const keys = await answer<JSONWebKeySet>(await ask(on, 'GET', '/.well-known/openid-configuration/jwks'))
    return keys.keys.map(({ kid }) => kid)
  }
  const isolate = (): Cloudflare.Env => ({
    ...old,
    DB: new Proxy(env.DB, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    }),
  })
  const tokenOf = async (on: Cloudflare.Env) => {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: 'hogwarts-admin',
      client_secret: 'hogwarts-admin-secret',
    })
    const request = new Request(`${ISSUER}/connect/token`, { method: 'POST', body })
    const response = await worker.fetch(request, on, createExecutionContext())
    return (await answer<{ access_token: string }>(response)).access_token
  }
  const read = (on: Cloudflare.Env, token: string) =>
    ask(on, 'GET', '/api/Setting?partitionGlobalId=magic-7&key=Email.Smtp.Host', { token })

  test('is published first, signs when told, and isolates that run learn of it; the former goes on verifying', async () => {
    const running = isolate()
    const before = await tokenOf(running)
    const { kid } = await answer<{ kid: string }>(await ask(old, 'POST', '/_control/secrets/signing-key/next'))
    const fresh = isolate()
    expect(await published(fresh)).toContain(kid)
    expect(decodeProtectedHeader(await tokenOf(fresh)).kid).toBe(decodeProtectedHeader(before).kid)

    await answer(await ask(old, 'POST', `/_control/secrets/signing-key/${kid}/sign`))
    const after = isolate()
    const token = await tokenOf(after)
    expect(decodeProtectedHeader(token).kid).toBe(kid)
    expect((await read(after, before)).status).toBe(200)

    expect((await read(running, token)).status).toBe(401)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 })
    expect((await read(running, token)).status).toBe(200)
    expect((await read(running, before)).status).toBe(200)
    expect(await published(running)).toContain(kid)
    await answer(await ask(old, 'POST', `/_control/secrets/signing-key/${kid}/sign`), 404)
  })

  test('of unknown name is looked for at most once in 30 s', async () => {
    let questions = 0
    const on = isolate()
    const counted = new Proxy(on.DB, {
      get(target, name) {
        if (name === 'prepare') questions++
        return Reflect.get(target, name)
      },
    })
    const running = { ...on, DB: counted }
    await tokenOf(running)
    const [head = '', ...rest] = (await tokenOf(running)).split('.')
    const { kid } = await createSealedKey(env)
    const unknown = [btoa(atob(head).replace(/"kid":"[^"]+"/, `"kid":"${kid}"`)).replace(/=+$/, ''), ...rest].join('.')
    // The first refused request of a partition asks whether that keeps a journal.
    expect((await read(running, [head, ...rest.slice(0, 1), 'AAAA'].join('.'))).status).toBe(401)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 })
    questions = 0
    for (let index = 0; index < 5; index++) expect((await read(running, unknown)).status).toBe(401)
    expect(questions).toBe(1)
  })

  test('is retired: its tokens are refused by every isolate within five minutes, remembered or not', async () => {
    const running = isolate()
    const before = await tokenOf(running)
    const former = decodeProtectedHeader(before).kid ?? ''
    expect((await read(running, before)).status).toBe(200)
    const path = `/_control/secrets/signing-key/${former}`
    await answer(await ask(isolate(), 'DELETE', path), 409)
    const { kid } = await answer<{ kid: string }>(await ask(old, 'POST', '/_control/secrets/signing-key/next'))
    await answer(await ask(old, 'POST', `/_control/secrets/signing-key/${kid}/sign`))
    await answer(await ask(old, 'DELETE', path), 204)
    await answer(await ask(old, 'DELETE', path), 404)

    const fresh = isolate()
    expect((await read(fresh, before)).status).toBe(401)
    expect(await published(fresh)).not.toContain(former)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5 * 60_000 })
    expect((await read(running, before)).status).toBe(401)
    expect(decodeProtectedHeader(await tokenOf(running)).kid).toBe(kid)
  })

  test('an isolate goes by the keys it has while the database cannot be asked for newer ones', async () => {
    const on = isolate()
    let away = false
    const DB = new Proxy(on.DB, {
      get(target, name) {
        if (away && name === 'prepare') throw new Error('D1 is away')
        return Reflect.get(target, name)
      },
    })
    const running = { ...on, DB }
    const keys = await published(running)
    away = true
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5 * 60_000 })
    expect(await published(running)).toEqual(keys)
  })

  test('given as a secret is not rotated here', async () => {
    const given = { ...old, SIGNING_KEY: '{}' }
    await answer(await ask(given, 'POST', '/_control/secrets/signing-key/next'), 409)
    await answer(await ask(given, 'DELETE', '/_control/secrets/signing-key/x'), 409)
  })
})

describe('without the control token', () => {
  test.each(['/reseal', '/signing-key/next', '/signing-key/x/sign'])('%s is not there, or refused', async (path) => {
    const { CONTROL_TOKEN: _, ...none } = old
    expect((await ask(none, 'POST', `/_control/secrets${path}`)).status).toBe(404)
    expect((await ask(old, 'POST', `/_control/secrets${path}`, { token: 'wrong' })).status).toBe(401)
  })
})
