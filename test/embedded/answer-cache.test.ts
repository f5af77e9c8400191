// An embedded tenant gives whole answers again: never one that would be another by now.
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { app } from '../../src/app.ts'
import { ADMINISTRATORS } from '../../src/auth/administrators.ts'
import { principalOf } from '../../src/auth/principal.ts'
import { newAnswers } from '../../src/embedded/answer-cache.ts'
import { EmbeddedD1 } from '../../src/embedded/embedded-d1.ts'
import { type CreatedTenant, type Isolate, isolate } from '../support/control.ts'
import { raceReaders } from '../support/race.ts'
import { settled } from '../support/settle.ts'
import { adminOf, answer, type Call, hostAdmin, mint } from '../support/tenant.ts'

let here: Isolate
let tenant: CreatedTenant
let admin: string

beforeEach(async () => {
  here = isolate('embedded')
  tenant = await here.create()
  admin = tenant.tokens.admin
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const settings = () => `/api/Setting?partitionGlobalId=${tenant.id}&key=k`
const read = (given: Call = {}) => here.call('GET', settings(), { token: admin, ...given })
const write = (value: string) =>
  here.call('PUT', '/api/Setting', {
    token: admin,
    json: { partitionGlobalId: tenant.id, settings: [{ key: 'k', value }] },
  })
const value = async (response: Response) => (await answer<{ value: string }[]>(response))[0]?.value

const settle = (given: Call = {}) => settled(() => read(given))

test('the same status, headers and body, without a look at the request beyond its token', async () => {
  await answer(await write('v'))
  const first = await read()
  const again = await settle()
  expect(again.status).toBe(200)
  expect([...again.headers]).toEqual([...first.headers])
  expect(await again.text()).toBe(await first.text())
})

describe('what was changed is seen at once', () => {
  test('by a write', async () => {
    for (const text of ['one', 'two', 'three']) {
      await answer(await write(text))
      expect(await value(await settle())).toBe(text)
    }
  })

  test('by a reset, a snapshot that is restored, and the end of the tenant', async () => {
    await answer(await here.control('PUT', `/tenants/${tenant.id}/snapshots/s`), 201)
    await answer(await write('later'))
    expect(await value(await settle())).toBe('later')
    await here.control('POST', `/tenants/${tenant.id}/snapshots/s/restore`)
    expect(await value(await settle())).toBeUndefined()
    await answer(await write('again'))
    await settle()
    await here.control('POST', `/tenants/${tenant.id}/reset`)
    expect(await value(await settle())).toBeUndefined()
    expect((await here.control('DELETE', `/tenants/${tenant.id}`)).status).toBe(204)
    expect((await read()).status).not.toBe(200)
  })

  test('by a fault, and by its end', async () => {
    await settle()
    const fault = await answer<{ id: string }>(
      await here.control('POST', `/tenants/${tenant.id}/faults`, { status: 503 }),
      201,
    )
    expect((await read()).status).toBe(503)
    expect((await read()).status).toBe(503)
    await here.control('DELETE', `/tenants/${tenant.id}/faults/${fault.id}`)
    await settle()
  })

  test('a fault that lets requests go on meets every one of them', async () => {
    await settle()
    const faults = `/tenants/${tenant.id}/faults`
    const { id } = await answer<{ id: string }>(await here.control('POST', faults, { delay: 1 }), 201)
    for (let time = 0; time < 3; time++) await answer(await read())
    expect(await answer(await here.control('GET', `${faults}/${id}`))).toMatchObject({ hits: 3 })
  })

  test('by the clock of the tenant', async () => {
    await settle()
    await answer(await here.control('POST', `/tenants/${tenant.id}/clock/advance`, { milliseconds: 48 * 3600_000 }))
    expect((await read()).status).toBe(401)
  })

  test('by a journal that is switched on', async () => {
    await settle()
    await here.control('PUT', `/tenants/${tenant.id}/journal`, { enabled: true })
    for (let time = 0; time < 3; time++) await answer(await read())
    const told = await here.control('GET', `/tenants/${tenant.id}/journal/count?method=GET`)
    expect(await answer(told)).toEqual({ count: 3 })
  })
})

describe('for whom', () => {
  test('a token that expires meanwhile is refused', async () => {
    const token = await mint({ prt_id: tenant.id, exp: Math.floor(Date.now() / 1000) + 60 })
    await settle({ token })
    vi.useFakeTimers({ now: Date.now() + 61_000, toFake: ['Date'] })
    expect((await read({ token })).status).toBe(401)
  })

  test('another token, another scope, no token', async () => {
    await settle()
    expect((await read({ token: await adminOf(tenant.id, ['PM.Group']) })).status).toBe(403)
    expect((await read({ token: await adminOf(crypto.randomUUID()) })).status).toBe(403)
    expect((await read({ token: `${admin.slice(0, -4)}AAAA` })).status).toBe(401)
    expect((await read({ token: '' })).status).toBe(401)
  })

  test('a user who administers the organization no longer', async () => {
    const boss = tenant.users[0]?.id ?? ''
    const token = await mint({ prt_id: tenant.id, sub: boss, sub_type: 'user' })
    const join = (list: object) =>
      here.call('PUT', `/api/Group/${ADMINISTRATORS}`, {
        token: admin,
        json: { name: 'Administrators', partitionGlobalId: tenant.id, ...list },
      })
    await answer(await join({ directoryUserIDsToAdd: [boss] }))
    await settle({ token })
    await answer(await join({ directoryUserIDsToRemove: [boss] }))
    expect((await read({ token })).status).toBe(403)
  })
})

test.each([
  ['Prefer', 'timing', 'Server-Timing', /total/],
  ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'traceparent', /^00-0af7651916cd43dd/],
  ['Origin', 'http://page.example', 'Access-Control-Allow-Origin', /^\*$/],
])('who sends %s is heard', async (name, given, answered, what) => {
  await settle()
  expect((await read({ headers: { [name]: given } })).headers.get(answered)).toMatch(what)
  expect((await settle()).headers.get(answered)).toBeNull()
})

test('nothing is remembered of a request that failed, or of one that found nothing to rest on', async () => {
  const asked = vi.spyOn(app, 'fetch')
  const unknown = `/api/Group/${tenant.id}/${crypto.randomUUID()}`
  const calls: [path: string, token: string, status: number][] = [
    [unknown, admin, 404],
    [`/api/Group/${crypto.randomUUID()}`, admin, 403],
    [settings(), await adminOf(tenant.id, ['PM.Group']), 403],
    [settings(), 'no.token.here', 401],
    // A host administrator reads what it names, whatever its token is of.
    [settings(), await hostAdmin(), 200],
  ]
  for (const [path, token, status] of calls) {
    asked.mockClear()
    for (let time = 0; time < 4; time++) expect((await here.call('GET', path, { token })).status).toBe(status)
    expect(asked, path).toHaveBeenCalledTimes(4)
  }
})

test('an answer that was made while its rows changed is not remembered', async () => {
  await answer(await read())
  const raced = read()
  const written = write('meanwhile')
  await Promise.all([raced, written])
  expect(await value(await settle())).toBe('meanwhile')
})

test('whatever is written and asked in whatever order, answers are those of a deployment on the same data', async () => {
  const deployed = isolate('deployed')
  const user = tenant.users[0]?.id ?? ''
  const query = `partitionGlobalId=${tenant.id}`
  const reads = [
    settings(),
    `${settings()}&userId=${user}`,
    `/api/Group/${tenant.id}`,
    `/api/Group/${tenant.id}/${ADMINISTRATORS}`,
    `/api/User/users/${tenant.id}`,
    `/api/User/${user}`,
    `/api/RobotAccount/${tenant.id}`,
    `/api/Directory/Search/${tenant.id}?startsWith=b&${query}`,
  ]
  const writes: ((text: string) => [method: string, path: string, json?: unknown])[] = [
    (text) => ['PUT', '/api/Setting', { partitionGlobalId: tenant.id, settings: [{ key: 'k', value: text }] }],
    (text) => [
      'PUT',
      '/api/Setting',
      { partitionGlobalId: tenant.id, userId: user, settings: [{ key: 'k', value: text }] },
    ],
    (text) => ['POST', '/api/Group', { partitionGlobalId: tenant.id, name: `g-${text}` }],
    (text) => [
      'PUT',
      `/api/Group/${ADMINISTRATORS}`,
      {
        partitionGlobalId: tenant.id,
        name: 'Administrators',
        [text > 'm' ? 'directoryUserIDsToAdd' : 'directoryUserIDsToRemove']: [user],
      },
    ],
    (text) => ['PUT', `/api/User/${user}`, { name: text, surname: 'x' }],
    (text) => ['POST', '/api/RobotAccount', { partitionGlobalId: tenant.id, name: `r-${text}` }],
  ]
  const step = fc.record({
    write: fc.option(fc.nat(writes.length - 1), { nil: undefined }),
    read: fc.nat(reads.length - 1),
    text: fc.string({ unit: fc.constantFrom('a', 'b', 'y', 'z'), minLength: 1, maxLength: 8 }),
  })
  const run = async (steps: readonly { write: number | undefined; read: number; text: string }[]) => {
    for (const { write: index, read: path, text } of steps) {
      const [method, at, json] = (index === undefined ? undefined : writes[index])?.(text) ?? []
      if (method && at) await (await here.call(method, at, { token: admin, json })).text()
      const asked = reads[path] ?? ''
      const expected = await (await deployed.call('GET', asked, { token: admin })).text()
      for (let time = 0; time < 3; time++) {
        expect(await (await here.call('GET', asked, { token: admin })).text()).toBe(expected)
      }
    }
  }
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 12 }), run), { numRuns: 30 })
})

test.each(['embedded', 'deployed'] as const)(
  '%s: readers racing a writer never see less than what was acknowledged before they began',
  async (entry) => {
    here = isolate(entry)
    await raceReaders(
      100,
      async () => Number((await value(await read())) ?? 0),
      async (next) => answer(await write(String(next))),
    )
  },
)

test('what is remembered is bounded, in number and in size', () => {
  const many = newAnswers()
  const verified = new WeakRef({ principal: principalOf({}), issuer: '', expires: 0, holds: () => true })
  const dependencies = {
    verified,
    partition: '',
    armed: undefined,
    database: { name: 'DB', d1: new EmbeddedD1(env.DB, undefined) },
    version: 1,
  }
  const keep = (answers: typeof many, key: string, text: string) => answers.set(key, { key, dependencies, text })
  for (let index = 0; index < 10_000; index++) keep(many, String(index), '')
  expect(many.get('0')).toBeDefined()
  keep(many, 'one more', '')
  expect(many.get('0')).toBeUndefined()
  const large = newAnswers()
  const megabyte = 'x'.repeat(1024 * 1024)
  for (let time = 0; time < 100; time++) keep(large, 'the same', megabyte)
  for (let index = 0; index < 30; index++) keep(large, String(index), megabyte)
  expect(large.get('0')).toBeDefined()
  expect(large.get('the same')).toBeDefined()
  for (let index = 30; index < 32; index++) keep(large, String(index), megabyte)
  expect(large.get('the same')).toBeUndefined()
  expect(large.get('0')).toBeUndefined()
  expect(large.get('31')).toBeDefined()
})
