// POST /connect/deviceauthorization, and /connect/token with a device code: a device polls until its user has answered.
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Database } from '../../src/database/database.ts'
import { approveDevice, denyDevice } from '../../src/devices/device.queries.ts'
import { hashUserCode, newUserCode, readUserCode } from '../../src/devices/user-code.ts'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'
import { isolate } from '../support/control.ts'
import { type App, createApp } from '../support/sign-in.ts'
import { answer, call, createPartition, ISSUER } from '../support/tenant.ts'

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' }
const formOf = (fields: Record<string, string>) => ({ json: new URLSearchParams(fields).toString(), headers: FORM })
const post = (path: string, fields: Record<string, string>) => call('POST', path, formOf(fields))

interface Device {
  device_code: string
  user_code: string
}

const begin = async (app: App, more: Record<string, string> = {}) =>
  answer<Device>(await post('/connect/deviceauthorization', { client_id: app.client.id, ...more }))
const poll = (app: App, device_code: string) =>
  post('/connect/token', { grant_type: DEVICE_CODE, client_id: app.client.id, device_code })
const refused = async (response: Response | Promise<Response>, error: string) =>
  expect(await answer(await response, 400)).toEqual({ error })

/** The user of the app answers for a device, in a session of its own. */
async function respond(app: App, { user_code }: Device, decision: typeof approveDevice | typeof denyDevice) {
  const [id, now] = [crypto.randomUUID(), Date.now()]
  await env.DB.prepare(
    'insert into sessions (id, partition_id, user_id, auth_time, amr, expires_at, remove_at) values (?, ?, ?, ?, ?, ?, ?)',
  )
    .bind(id, app.partition, app.user.id, 1_700_000_000, 'pwd', now + 60_000, now + 60_000)
    .run()
  const typed = { session: id, partition: app.partition, user: app.user.id, host: HOST_PARTITION, now }
  const values = { ...typed, userCodeHash: await hashUserCode(user_code), lifetime: 300_000 }
  return (await new Database(env.DB).all(decision, values)).length
}

const app = await createApp({ grantTypes: [DEVICE_CODE] })

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => vi.useRealTimers())
const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000)

describe('POST /connect/deviceauthorization', () => {
  test('200 with codes and where to take them, in this order', async () => {
    const device = await begin(app, { scope: 'openid PM.User offline_access' })
    expect(Object.entries(device)).toEqual([
      ['device_code', expect.stringMatching(/^[0-9A-F]{64}-1$/)],
      ['user_code', expect.stringMatching(/^[1-9]\d{8}$/)],
      ['verification_uri', `${ISSUER}/device`],
      ['verification_uri_complete', `${ISSUER}/device?userCode=${device.user_code}`],
      ['expires_in', 300],
      ['interval', 5],
    ])
  })

  test.each<[string, Record<string, string>, string]>([
    ['a scope that is not the client’s', { scope: 'PM.Audit' }, 'invalid_scope'],
    ['profile without openid', { scope: 'profile' }, 'invalid_scope'],
    ['an unknown client', { client_id: crypto.randomUUID() }, 'invalid_client'],
    ['no client', { client_id: '' }, 'invalid_request'],
  ])('400 for %s, and nothing is kept', async (_, fields, error) => {
    await refused(post('/connect/deviceauthorization', { client_id: app.client.id, ...fields }), error)
  })

  test('400 for a client that is not registered with it', async () => {
    const other = await createApp()
    await refused(post('/connect/deviceauthorization', { client_id: other.client.id }), 'unauthorized_client')
    await refused(poll(other, `${'0'.repeat(64)}-1`), 'invalid_grant')
  })

  test('415 for what is no form', async () => {
    await answer(await call('POST', '/connect/deviceauthorization', { json: { client_id: app.client.id } }), 415)
  })
})

describe('POST /connect/token with a device code', () => {
  test('400 authorization_pending until the user has answered, then 200, once', async () => {
    const device = await begin(app, { scope: 'openid PM.User offline_access' })
    await refused(poll(app, device.device_code), 'authorization_pending')
    pass(5)
    await refused(poll(app, device.device_code), 'authorization_pending')
    expect(await respond(app, device, approveDevice)).toBe(1)
    pass(5)
    const tokens = await answer<Record<string, unknown>>(await poll(app, device.device_code))
    expect(Object.keys(tokens)).toEqual([
      ...['id_token', 'access_token', 'expires_in', 'token_type', 'refresh_token', 'scope'],
    ])
    expect(tokens['scope']).toBe('openid PM.User offline_access')
    pass(5)
    await refused(poll(app, device.device_code), 'invalid_grant')
    const refresh = {
      grant_type: 'refresh_token',
      client_id: app.client.id,
      refresh_token: `${tokens['refresh_token']}`,
    }
    await answer(await post('/connect/token', refresh))
  })

  test('all of the client’s scopes where none are asked for', async () => {
    const device = await begin(app)
    await respond(app, device, approveDevice)
    const { scope } = await answer<{ scope: string }>(await poll(app, device.device_code))
    expect(scope).toBe('openid profile email PM.User PM.Group offline_access')
  })

  test('400 slow_down for each request within five seconds of the last one', async () => {
    const device = await begin(app)
    await refused(poll(app, device.device_code), 'authorization_pending')
    pass(4)
    await refused(poll(app, device.device_code), 'slow_down')
    await respond(app, device, approveDevice)
    pass(4)
    await refused(poll(app, device.device_code), 'slow_down')
    pass(5)
    await answer(await poll(app, device.device_code))
  })

  test('400 access_denied where the user said no', async () => {
    const device = await begin(app)
    expect(await respond(app, device, denyDevice)).toBe(1)
    expect(await respond(app, device, approveDevice)).toBe(0)
    await refused(poll(app, device.device_code), 'access_denied')
  })

  test('400 expired_token after five minutes, and nobody can answer then', async () => {
    const device = await begin(app)
    pass(301)
    expect(await respond(app, device, approveDevice)).toBe(0)
    await refused(poll(app, device.device_code), 'expired_token')
  })

  test('400 invalid_grant for another client, a forged code and one that was never given', async () => {
    const device = await begin(app)
    const other = await createApp({ grantTypes: [DEVICE_CODE] })
    await refused(poll(other, device.device_code), 'invalid_grant')
    for (const code of [`${'0'.repeat(64)}-1`, 'x', device.user_code]) await refused(poll(app, code), 'invalid_grant')
  })

  test('400 invalid_request without one', () => refused(poll(app, ''), 'invalid_request'))

  test('of 32 requests at once one gets tokens at most', async () => {
    const device = await begin(app)
    await respond(app, device, approveDevice)
    const answers = await Promise.all(Array.from({ length: 32 }, () => poll(app, device.device_code)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('a user of another partition cannot answer for it', async () => {
    const device = await begin(app)
    expect(await respond({ ...app, partition: await createPartition() }, device, approveDevice)).toBe(0)
  })

  test('takes one round trip each', async () => {
    const { takeTrips, call: send } = isolate('deployed')
    const fields = { client_id: app.client.id }
    const path = '/connect/deviceauthorization'
    await answer(await send('POST', path, formOf(fields)))
    takeTrips()
    const { device_code } = await answer<Device>(await send('POST', path, formOf(fields)))
    expect(takeTrips()).toHaveLength(1)
    await answer(await send('POST', '/connect/token', formOf({ ...fields, grant_type: DEVICE_CODE, device_code })), 400)
    expect(takeTrips()).toHaveLength(1)
  })
})

describe('a user code', () => {
  test('has nine digits, and may be typed with gaps', () => {
    for (let draw = 0; draw < 100; draw++) expect(newUserCode()).toMatch(/^[1-9]\d{8}$/)
    expect(readUserCode(' 123-456 789 ')).toBe('123456789')
    for (const typed of ['', '12345678', '1234567890', '12345678a']) expect(readUserCode(typed)).toBeUndefined()
  })
})
