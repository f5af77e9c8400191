// The line a deployment writes for each request: what was asked, by whom, what it cost; nothing that was sent.
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { describeError } from '../../src/http/log.ts'
import worker from '../../src/index.ts'
import { FailingD1 } from '../support/failing-d1.ts'
import { adminOf, answer, createPartition, hostAdmin, ORIGIN } from '../support/tenant.ts'

const partition = await createPartition()
const token = await adminOf(partition)
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

let lines: string[] = []
const parsed = () => lines.map((line): Record<string, unknown> => JSON.parse(line))

beforeEach(() => {
  lines = []
  const note = (...words: unknown[]) => {
    lines.push(words.map((word) => (typeof word === 'string' ? word : JSON.stringify(word))).join(' '))
  }
  vi.spyOn(console, 'log').mockImplementation(note)
  vi.spyOn(console, 'error').mockImplementation(note)
})
afterEach(() => vi.restoreAllMocks())

const LOGGED: Partial<Cloudflare.Env> = { LOG: 'json' }

const send = (path: string, init: RequestInit = {}, vars = LOGGED) =>
  worker.fetch(new Request(`${ORIGIN}${path}`, init), { ...env, ...vars }, createExecutionContext())
const bearer = (as = token, headers: Record<string, string> = {}) => ({
  headers: { Authorization: `Bearer ${as}`, 'Content-Type': 'application/json', ...headers },
})

test('one line says what was asked, by whom, and what it cost', async () => {
  const body = JSON.stringify({ partitionGlobalId: partition, settings: [{ key: 'k', value: 'hidden' }] })
  const init = { method: 'PUT', body, ...bearer(token, { 'CF-Ray': '8c2f0a1b2c3d4e5f-FRA', traceparent: TRACE }) }
  await answer(await send('/identity_/api/Setting', init))
  expect(parsed()).toEqual([
    {
      operation: 'Setting_UpdateSettings',
      method: 'PUT',
      status: 200,
      partition,
      client: 'test-client',
      duration: { auth: expect.any(Number), d1: expect.any(Number), total: expect.any(Number) },
      rowsRead: expect.any(Number),
      rowsWritten: expect.any(Number),
      ray: '8c2f0a1b2c3d4e5f-FRA',
      trace: '0af7651916cd43dd8448eb211c80319c',
    },
  ])
  expect(Number(parsed()[0]?.['rowsWritten'])).toBeGreaterThan(0)
})

test('a token request says its client once it has shown who it is, and never a secret', async () => {
  const ask = (client_secret: string) => {
    const form = { grant_type: 'client_credentials', client_id: 'host-admin', client_secret }
    return send('/identity_/connect/token', { method: 'POST', body: new URLSearchParams(form) })
  }
  const { access_token } = await answer<{ access_token: string }>(await ask('host-admin-secret'))
  await answer(await ask('a wrong secret'), 400)
  const [granted, refused] = parsed()
  expect(granted).toMatchObject({ operation: 'Connect_Token', status: 200, client: 'host-admin' })
  expect(refused).toMatchObject({ operation: 'Connect_Token', status: 400 })
  expect(refused).not.toHaveProperty('client')
  for (const secret of ['host-admin-secret', 'a wrong secret', access_token]) expect(lines.join()).not.toContain(secret)
})

test('texts that stand where ids belong are not repeated', async () => {
  const secret = 'sk-live-12345'
  const init = bearer(await hostAdmin(), { 'CF-Ray': secret, traceparent: secret })
  await answer(await send(`/identity_/api/Group/${secret}`, init), 400)
  await answer(await send(`/identity_/api/Setting?key=${secret}&partitionGlobalId=${secret}`, init), 400)
  await answer(await send(`/${secret}/nothing`, init), 404)
  expect(parsed().map(({ status }) => status)).toEqual([400, 400, 404])
  expect(lines.join()).not.toContain(secret)
})

test('a failure says its class and message without values', async () => {
  const d1 = new FailingD1(env.DB)
  d1.fail('refuse')
  const response = await send('/identity_/api/Setting?key=k', bearer())
  await answer(response, 403)
  const failed = await send(
    '/identity_/connect/token',
    {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: 'x', client_secret: 'y' }),
    },
    { ...LOGGED, DB: d1 },
  )
  await answer(failed, 503)
  expect(parsed()[1]).toMatchObject({
    status: 503,
    error: { name: 'DatabaseFailure', message: 'D1_ERROR: D1 DB is overloaded. Requests queued for too long.' },
  })
})

test.each([
  ["D1_TYPE_ERROR: Type 'object' not supported for value 'it's secret'", "D1_TYPE_ERROR: Type '…'"],
  [`Unexpected token 's', "secret" is not valid JSON`, "Unexpected token '…' is not valid JSON"],
])('%s is said as %s', (message, said) => expect(describeError(new Error(message)).message).toBe(said))

test('a bound dataset gets a data point', async () => {
  const points: AnalyticsEngineDataPoint[] = []
  const ANALYTICS = { writeDataPoint: (point: AnalyticsEngineDataPoint = {}) => void points.push(point) }
  await answer(await send(`/identity_/api/Group/${partition}`, bearer(), { ...LOGGED, ANALYTICS }))
  const cost = [200, ...Array.from({ length: 5 }, () => expect.any(Number))]
  expect(points).toEqual([
    { indexes: [partition], blobs: ['Group_GetGroups', 'GET', partition, 'test-client'], doubles: cost },
  ])
})

test.each([{ LOG: 'off' }, { EMBEDDED: 'true', LOG: '' }])('nothing is written with %j', async (vars) => {
  await answer(await send(`/identity_/api/Group/${partition}`, bearer(), vars))
  expect(lines).toEqual([])
})

test('a deployment writes it unless told not to', async () => {
  await send('/health', {}, { LOG: '' })
  expect(parsed()).toMatchObject([{ operation: 'Health', status: 200 }])
})

describe('traceparent', () => {
  const traced = async (headers: Record<string, string>, vars: Partial<Cloudflare.Env> = { LOG: 'off' }) => {
    const response = await send(`/identity_/api/Group/${partition}`, { headers }, vars)
    const [one, other] = ['traceparent', 'x-uipath-traceparent-id'].map((name) => response.headers.get(name))
    expect(one).toBe(other)
    return one
  }

  test.each([TRACE, `${TRACE.slice(0, -2)}00`, `01${TRACE.slice(2)}-later`])('%s is returned', async (trace) => {
    expect(await traced({ traceparent: trace })).toBe(trace)
    expect(await traced({ 'x-uipath-traceparent-id': trace })).toBe(trace)
    expect(await traced({ traceparent: 'none', 'x-uipath-traceparent-id': trace })).toBe(trace)
  })

  test.each([
    '',
    'x',
    `ff${TRACE.slice(2)}`,
    `${TRACE}-more`,
    TRACE.toUpperCase(),
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`,
  ])('"%s" is replaced', async (trace) => {
    const given = await traced({ traceparent: trace })
    expect(given).not.toBe(trace)
    expect(given).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  })

  test('is begun where a log is written, and not sent where nobody asks', async () => {
    expect(await traced({}, LOGGED)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    expect(await traced({})).toBeNull()
  })

  test('stands in a problem as its traceId', async () => {
    const { traceId } = await answer<{ traceId: string }>(
      await send('/nothing', { headers: { traceparent: TRACE } }),
      404,
    )
    expect(traceId).toBe(TRACE)
  })
})
