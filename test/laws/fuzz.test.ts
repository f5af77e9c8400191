// Every operation with hostile paths, queries, headers, bodies and tokens, by callers of a partition of their own: no
// failure of the server, not a byte of another partition, no secret in what is logged. FUZZ_SECONDS makes it longer.
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { keyRing } from '../../src/auth/keys.ts'
import type { Operation } from '../../src/http/contract.ts'
import worker from '../../src/index.ts'
import { all, groupId, token as hostToken, named, partitionGlobalId } from '../support/every-operation.ts'
import { requestsTo } from '../support/malformed-requests.ts'
import { adminOf, answer, call, createPartition, customGroup, mint, ORIGIN, user } from '../support/tenant.ts'

const SECONDS = Number(env.FUZZ_SECONDS) || 4

/** Stands in everything the other partition holds. */
const FOREIGN = 'foreign-7f3a'
/** Stands in everything a caller sends that is its own business. */
const SECRET = 'sEcReT-91c4'

const foreignGroup = crypto.randomUUID()
const foreignUser = crypto.randomUUID()
const foreign = await createPartition({
  entities: [{ ...user(foreignUser), name: FOREIGN, displayName: FOREIGN }],
  groups: [customGroup(foreignGroup, FOREIGN, [foreignUser])],
})
const json = { partitionGlobalId: foreign, settings: [{ key: 'Email.Smtp.Password', value: FOREIGN }] }
await answer(await call('PUT', '/api/Setting', { token: hostToken, json }))

const own = await createPartition()
const ownToken = await adminOf(own)
const { secret: signingKey } = await keyRing(env)
const { d: privateExponent }: { d: string } = JSON.parse(signingKey)

const logged: string[] = []
beforeAll(() => {
  const note = (...words: unknown[]) => {
    logged.push(words.map((word) => (typeof word === 'string' ? word : JSON.stringify(word))).join(' '))
  }
  for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, level).mockImplementation(note)
  }
})
afterAll(() => vi.restoreAllMocks())

const [header = '', payload = '', signature = ''] = ownToken.split('.')
const tokens = fc.oneof(
  { weight: 6, arbitrary: fc.constant(`Bearer ${ownToken}`) },
  fc.constantFrom(
    ...[`bearer  ${ownToken}`, `Bearer ${ownToken} `, `Basic ${btoa(`id:${SECRET}`)}`, SECRET, 'Bearer', ''],
    ...[`Bearer ${header}.${payload}.`, `Bearer ${header}.${payload}`, `Bearer ${SECRET.repeat(2000)}`],
    ...[`Bearer ${btoa('{"alg":"none"}')}.${payload}.`, `Bearer ${payload}.${header}.${signature}`],
  ),
  fc.tuple(fc.nat(ownToken.length - 1), fc.constantFrom('A', '.', '-', ' ')).map(([at, text]) => {
    return `Bearer ${ownToken.slice(0, at)}${text}${ownToken.slice(at + 1)}`
  }),
  fc.string({ maxLength: 200 }).map((text) => `Bearer ${SECRET}${text}`),
)

/** Ids of the other partition, in every place an id may stand in. */
const aim = fc.constantFrom(foreign, foreign.toUpperCase(), `${foreign}%00`, ` ${foreign}`, own, FOREIGN, SECRET, '%')
const hostileHeaders = fc.dictionary(
  fc.constantFrom(
    ...['Origin', 'traceparent', 'x-uipath-traceparent-id', 'x-d1-bookmark', 'CF-Ray', 'CF-Connecting-IP', 'Prefer'],
    ...[
      'X-Forwarded-For',
      'X-Forwarded-Host',
      'Cookie',
      'Access-Control-Request-Method',
      'User-Agent',
      'X-Original-URL',
    ],
  ),
  fc.oneof(fc.string({ maxLength: 60 }), fc.constantFrom(SECRET, foreign, 'timing', '*', 'null', 'a'.repeat(9000))),
  { maxKeys: 4 },
)

/** Requests that name the other partition and its rows wherever the operation has room for one. */
function aimedAt({ path, method, contract }: Operation) {
  const ids = fc.record({ partition: aim, group: fc.constantFrom(foreignGroup, foreignUser, SECRET) })
  const body = {
    ...{ partitionGlobalId: foreign, name: SECRET, id: foreignGroup, userName: SECRET, password: SECRET },
    ...{ directoryUserIDsToAdd: [foreignUser], groupIDsToAdd: [foreignGroup], groupIDs: [foreignGroup] },
    settings: [{ key: 'Email.Smtp.Password', value: SECRET }],
  }
  return ids.map(({ partition, group }) => ({
    method,
    path: path.replace(/:(\w+)/g, (_, name) => (name === 'partitionGlobalId' ? partition : group)),
    query: `partitionGlobalId=${partition}&key=Email.Smtp.Password&startsWith=f&searchTerm=${SECRET}`,
    body: contract.json ? JSON.stringify({ ...body, partitionGlobalId: partition }) : null,
  }))
}

const hostile = (operation: Operation) =>
  fc.record({
    request: fc.oneof(
      aimedAt(operation),
      requestsTo(operation).map(({ aim: { path, method, body }, query }) => ({ path, method, body, query })),
      fc.constant({
        path: operation.path,
        method: operation.method,
        query: '',
        body: new URLSearchParams({ grant_type: 'client_credentials', client_id: SECRET, client_secret: SECRET }),
      }),
    ),
    authorization: tokens,
    headers: hostileHeaders,
    type: fc.constantFrom<string>('application/json', 'application/x-www-form-urlencoded', 'text/plain', SECRET),
  })

type Hostile = ReturnType<typeof hostile> extends fc.Arbitrary<infer Request> ? Request : never

async function send({ request: { path, method, query, body }, authorization, headers, type }: Hostile) {
  const all = new Headers({ Authorization: authorization, 'Content-Type': type })
  for (const [name, value] of Object.entries(headers)) {
    // What no client can send is no case.
    if (/^[\x20-\x7e]*$/.test(value)) all.set(name, value)
  }
  const bodied = method !== 'GET' && method !== 'HEAD' && body !== null
  const init = { method, headers: all, body: bodied ? (typeof body === 'string' ? encode(body) : body) : null }
  const request = new Request(`${ORIGIN}${path}?${query}`, init)
  return worker.fetch(request, { ...env, LOG: 'json' }, createExecutionContext())
}

const encode = (text: string) => new TextEncoder().encode(text)

// The id a caller sent itself may come back in a refusal; what else the other partition holds may not.
const leaks = (text: string, sent: string) => text.includes(FOREIGN) && !sent.includes(FOREIGN)

function expectNoSecretLogged() {
  for (const line of logged.splice(0)) {
    for (const secret of [SECRET, ownToken, signature, privateExponent, FOREIGN]) expect(line).not.toContain(secret)
  }
}

describe('hostile requests', () => {
  test.each(named(all))('%s', { timeout: SECONDS * 1000 + 30_000 }, async (_, operation) => {
    await fc.assert(
      fc.asyncProperty(hostile(operation), async (sent) => {
        const response = await send(sent)
        const text = await response.text()
        expect(response.status, text).toBeLessThan(500)
        const told = `${text}${JSON.stringify([...response.headers])}`
        expect(leaks(told, JSON.stringify(sent)), told).toBe(false)
        for (const secret of [signature, privateExponent]) expect(told).not.toContain(secret)
        expectNoSecretLogged()
      }),
      { numRuns: 1e9, interruptAfterTimeLimit: (SECONDS * 1000) / all.length, markInterruptAsFailure: false },
    )
  })

  const withBody = named(all.filter(({ contract }) => contract.json || contract.form))
  test.each(withBody)('%s with bytes of any kind', { timeout: SECONDS * 1000 + 30_000 }, async (_, operation) => {
    const [request] = fc.sample(aimedAt(operation), 1)
    const valid = encode(request?.body ?? 'grant_type=client_credentials')
    const spoiled = fc
      .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
      .map((changes) => changes.reduce((bytes, [at, byte]) => bytes.with(at, byte), valid))
    const type = operation.contract.form ? 'application/x-www-form-urlencoded' : 'application/json'
    const types = fc.constantFrom(type, `${type}; charset=utf-16`, `${type}; charset="utf-8"`)
    await fc.assert(
      fc.asyncProperty(fc.oneof(spoiled, fc.uint8Array({ maxLength: 4000 })), types, async (body, contentType) => {
        const path = operation.path.replace(/:(\w+)/g, (_, name) => (name === 'partitionGlobalId' ? own : foreignGroup))
        const request = { path, method: operation.method, query: '', body }
        const response = await send({ request, authorization: `Bearer ${ownToken}`, headers: {}, type: contentType })
        expect(response.status, await response.text()).toBeLessThan(500)
        expectNoSecretLogged()
      }),
      { numRuns: 1e9, interruptAfterTimeLimit: (SECONDS * 1000) / all.length, markInterruptAsFailure: false },
    )
  })

  test('wrote nothing that is not text', async () => {
    const texts = `select value as text from settings union all select name from directory_entities
      union all select display_name from directory_entities union all select name from groups`
    const { results } = await env.DB.prepare(texts).all<{ text: string | null }>()
    expect(results.filter(({ text }) => text?.includes('\0') || text?.isWellFormed() === false)).toEqual([])
  })

  test('left the other partition as it was', async () => {
    const group = await answer<{ name: string; members: unknown[] }>(
      await call('GET', `/api/Group/${foreign}/${foreignGroup}`, { token: hostToken }),
    )
    expect([group.name, group.members.length]).toEqual([FOREIGN, 1])
    const key = `partitionGlobalId=${foreign}&key=Email.Smtp.Password`
    const settings = await call('GET', `/api/Setting?${key}`, { token: hostToken })
    expect(await answer(settings)).toMatchObject([{ value: FOREIGN }])
    expect(partitionGlobalId).not.toBe(groupId)
  })

  test('with a token whose claims are texts of any kind are no failure and log none of it', async () => {
    const claim = fc.oneof(fc.constantFrom(SECRET, foreign, "' or 1=1 --", '\0', 'a'.repeat(3000)), fc.jsonValue())
    await fc.assert(
      fc.asyncProperty(claim, claim, claim, async (prt_id, sub, scope) => {
        const authorization = `Bearer ${await mint({ prt_id, sub: sub as string, scope })}`
        for (const path of [
          `/identity_/api/Group/${foreign}`,
          `/identity_/api/Setting?partitionGlobalId=${own}&key=k`,
        ]) {
          const init = { headers: { Authorization: authorization } }
          const response = await worker.fetch(
            new Request(`${ORIGIN}${path}`, init),
            { ...env, LOG: 'json' },
            createExecutionContext(),
          )
          expect(response.status, await response.text()).toBeLessThan(500)
        }
        for (const line of logged.splice(0)) expect(line).not.toContain(authorization.slice(-40))
      }),
      { numRuns: 60 },
    )
  })
})
