// What a test can do to its tenant through `identity-edge/node`.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WaitTimeout } from '../../src/node/library/journal.ts'
import { connectTenant } from '../../src/node/library/library.ts'
import { startTestTenant } from '../../src/node/library/start-test-tenant.ts'
import type { TestTenant } from '../../src/node/library/test-tenant.ts'
import type { TokenOptions } from '../../src/node/library/wire.ts'
import { repository } from '../../src/node/local/repository.ts'
import { putSetting, readSetting } from './settings.ts'

const SEED = { users: [{ id: 'luna', userName: 'luna' }], settings: [{ key: 'Color', value: 'red' }] }

/** Not a seed, as only somebody without a compiler could pass it. */
const NONSENSE = JSON.parse('{"settings":7}')

const root = await startTestTenant(repository, { seed: SEED, name: 'root' })
let tenant: TestTenant

beforeEach(async () => {
  tenant = await root.fork()
})
afterEach(() => tenant.stop())
afterAll(() => root.stop())

describe('a tenant', () => {
  it('says where it is and who may call it', () => {
    expect(root.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/root$/)
    expect(root.clients).toEqual([
      expect.objectContaining({ id: 'root-admin', secret: expect.any(String), hostAdmin: false }),
      expect.objectContaining({ id: 'root-reader', secret: expect.any(String), hostAdmin: false }),
    ])
    expect(tenant.users).toEqual([{ id: 'luna', userName: 'luna' }])
  })

  it('can be started with a seed from a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'seed-'))
    const seed = join(folder, 'seed.json')
    await writeFile(seed, JSON.stringify(SEED))
    await using other = await startTestTenant(repository, { seed })
    await rm(folder, { recursive: true })

    expect(await readSetting(other, 'Color')).toBe('red')
  })

  it('can be started with the seed in docs/testing.md, which also is a dump', async () => {
    const [, seed = ''] = /```json\n(.*?)```/s.exec(await readFile('docs/testing.md', 'utf8')) ?? []
    await using other = await startTestTenant(repository, { seed: JSON.parse(seed) })
    const dump = await other.dump()
    await other.load(dump)

    expect(other.clients).toEqual([
      expect.objectContaining({ id: 'my-service', secret: 'my-service-secret' }),
      expect.objectContaining({ id: 'my-app' }),
    ])
    expect(dump.groups).toContainEqual(
      expect.objectContaining({ id: 'gryff-01', members: [expect.any(String), expect.any(String)] }),
    )
    expect(await other.dump()).toEqual(dump)
  })

  it('does not start with a seed that is none, and leaves nothing running', async () => {
    await expect(startTestTenant(repository, { seed: NONSENSE })).rejects.toMatchObject({ status: 400 })
  })

  it('refuses tokens that are broken on purpose', async () => {
    for (const broken of ['expired', 'notYetValid', 'issuer', 'audience', 'tampered', 'kid'] as const) {
      const headers = { authorization: `Bearer ${await tenant.token({ broken })}` }
      const response = await fetch(`${tenant.url}/identity_/api/Group/${tenant.id}`, { headers })

      expect([broken, response.status]).toEqual([broken, 401])
    }
  })

  it('answers no more when it is stopped, however often', async () => {
    const other = await startTestTenant(repository)
    await Promise.all([other.stop(), other.stop()])
    await other.stop()

    await expect(fetch(other.url)).rejects.toThrow('fetch failed')
  })
})

describe('a fork', () => {
  it('begins as its tenant stands, and neither sees what the other writes from then on', async () => {
    await using twin = await tenant.fork()
    await putSetting(tenant, 'Mine', '1')
    await putSetting(twin, 'Theirs', '2')

    expect(await readSetting(twin, 'Color')).toBe('red')
    expect(await readSetting(twin, 'Mine')).toBeUndefined()
    expect(await readSetting(tenant, 'Theirs')).toBeUndefined()
  })

  it('has the name it is given, and is gone when it is stopped', async () => {
    const twin = await tenant.fork({ name: 'twin', ttl: 60 })
    expect(twin).toMatchObject({ name: 'twin', url: expect.stringMatching(/\/twin$/) })
    const guest = await connectTenant(twin.connection)
    await twin.stop()

    await expect(twin.dump()).rejects.toThrow(/^this tenant was stopped$/)
    await expect(twin.journal.count()).rejects.toThrow(/^this tenant was stopped$/)
    await expect(guest.dump()).rejects.toMatchObject({ name: 'ControlError', status: 404 })
  })
})

describe('its state', () => {
  it('goes back to the seed', async () => {
    await putSetting(tenant, 'Mine', '1')
    await tenant.reset()

    expect(await readSetting(tenant, 'Mine')).toBeUndefined()
  })

  it('goes back to a snapshot, with and without a name', async () => {
    await putSetting(tenant, 'Step', '1')
    expect(await tenant.snapshot()).toMatchObject({ name: 'default', entries: expect.any(Number) })
    await putSetting(tenant, 'Other', '2')
    await tenant.snapshot('another_1.0-x')
    await tenant.restore()
    expect(await readSetting(tenant, 'Other')).toBeUndefined()
    await tenant.restore('another_1.0-x')

    expect(await readSetting(tenant, 'Other')).toBe('2')
    await expect(tenant.restore('unknown')).rejects.toMatchObject({ status: 404 })
  })

  it('is dumped, and loaded elsewhere', async () => {
    await putSetting(root, 'Dumped', '1')
    await tenant.load(await root.dump())

    expect(await readSetting(tenant, 'Dumped')).toBe('1')
    expect(await tenant.dump()).toMatchObject({
      users: [{ id: 'luna' }],
      settings: [{ key: 'Color' }, { key: 'Dumped' }],
    })
    await expect(tenant.load(NONSENSE)).rejects.toMatchObject({ status: 400 })
  })
})

it('a scenario is a state by name', async () => {
  const fork = await tenant.fork()
  await fork.scenario('unavailable')
  const headers = { authorization: `Bearer ${await fork.token()}` }
  const response = await fetch(`${fork.url}/identity_/api/Group/${fork.id}`, { headers })
  expect([response.status, response.headers.get('Retry-After')]).toEqual([503, '2'])
  await fork.faults.clear()
  await fork.scenario('throttled')
  expect(await fork.faults.list()).toEqual([expect.objectContaining({ kind: 'rateLimit' })])
  await fork.stop()
})

describe('the journal', () => {
  it('has what was asked, filtered, counted and cleared', async () => {
    await putSetting(tenant, 'A', '1')
    await readSetting(tenant, 'A')

    expect(await tenant.journal.entries({ method: 'PUT' })).toEqual([
      expect.objectContaining({ operation: 'Setting_UpdateSettings', method: 'PUT', status: 200 }),
    ])
    const [, last] = await tenant.journal.entries()
    expect(await tenant.journal.entries({ before: last?.number ?? 0 })).toEqual([
      expect.objectContaining({ operation: 'Setting_UpdateSettings' }),
    ])
    expect(await tenant.journal.count()).toBe(2)
    await tenant.journal.clear()
    expect(await tenant.journal.count()).toBe(0)
  })

  it('says of a wait in vain which request may have been meant', async () => {
    await fetch(`${tenant.url}/identity_/api/Setings`)

    await expect(tenant.journal.waitFor({ operation: 'Setting_GetSettingsBulk', timeout: 50 })).rejects.toThrow(
      /; the last in the journal: GET \S+ 404 \(GET \/api\/Setings is not served; \/api\/Setting is, .*\)$/,
    )
  })

  it('waits for requests to come', async () => {
    const waiting = tenant.journal.waitFor({ method: 'PUT', count: 2 })
    await putSetting(tenant, 'A', '1')
    await putSetting(tenant, 'A', '2')

    expect(await waiting).toHaveLength(2)
  })

  it('gives up waiting after the time it is told, not a whole second, and under a clock that stands still', async () => {
    await putSetting(tenant, 'A', '1')
    const limits = vi.spyOn(AbortSignal, 'timeout')
    vi.useFakeTimers()
    const outcome = await tenant.journal.waitFor({ count: 2, timeout: 150 }).catch((error: unknown) => error)
    vi.useRealTimers()

    expect(outcome).toBeInstanceOf(WaitTimeout)
    expect(outcome).toMatchObject({
      message: expect.stringMatching(/^1 of 2 requests came within 150 ms; the last in the journal: .*PUT \S+ 200$/),
      seen: [{ method: 'PUT' }],
    })
    expect(limits.mock.calls[0]).toEqual([150])
    limits.mockRestore()
  })
})

describe('a user', () => {
  it('is signed in without a browser, and named by the journal with the client', async () => {
    const { accessToken, refreshToken, scopes } = await tenant.signIn({ user: 'luna' })
    const headers = { authorization: `Bearer ${accessToken}` }
    await fetch(`${tenant.url}/identity_/api/User/luna`, { headers })
    const [entry] = await tenant.journal.entries({ operation: 'User_GetUser' })

    expect(scopes).toContain('offline_access')
    expect(refreshToken).toMatch(/^[0-9A-F]{64}-1$/)
    expect(entry?.principal).toEqual({ userId: 'luna', clientId: tenant.clients[0]?.id })
    await expect(tenant.signIn({ user: 'lunna' })).rejects.toMatchObject({ status: 400 })
    await expect(tenant.signIn({ user: 'luna', ...JSON.parse('{"scope":"x"}') })).rejects.toThrow('did you mean scopes')
  })
})

describe('a fault', () => {
  it('meets as many requests as it says, and can be counted, removed and cleared', async () => {
    const fault = await tenant.fault({ status: 503, times: 2 })
    expect(await putSetting(tenant, 'A', '1')).toBe(503)
    expect(await fault.hits()).toBe(1)
    await fault.remove()
    await fault.remove()
    expect(await putSetting(tenant, 'A', '1')).toBe(200)
    expect(await fault.hits()).toBe(0)

    await tenant.fault({ status: 500 })
    expect(await tenant.faults.list()).toHaveLength(1)
    await tenant.faults.clear()
    expect(await putSetting(tenant, 'A', '1')).toBe(200)
  })
})

it('the clock is set, moved and released', async () => {
  await tenant.clock.set('2021-10-20T12:00:00.1234567Z')
  expect(await tenant.clock.read()).toMatchObject({ now: '2021-10-20T12:00:00.1234567Z', frozen: true, real: false })
  await tenant.clock.advance(90_000)
  expect(await tenant.clock.now()).toBe('2021-10-20T12:01:30.1234567Z')
  await tenant.clock.set(new Date('2021-10-20T12:00:00Z'), { frozen: false })
  expect(await tenant.clock.read()).toMatchObject({ frozen: false })
  await tenant.clock.release()
  expect(await tenant.clock.read()).toMatchObject({ real: true })
})

it('clients are told whether they may prefer answers', async () => {
  expect(await tenant.allowPrefer('*')).toEqual(tenant.clients.map(({ id }) => id).sort())
  expect(await tenant.allowPrefer([])).toEqual([])
})

it('tokens carry what they are told to', async () => {
  const options: TokenOptions = { scopes: ['PM.Group.Read'], user: 'luna', claims: { a: 1, jti: null }, expiresIn: 60 }
  const [, payload = ''] = (await tenant.token(options)).split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())

  expect(claims).toMatchObject({ scope: ['PM.Group.Read'], sub: 'luna', prt_id: tenant.id, a: 1 })
  expect(claims.exp - claims.iat).toBe(60)
  expect(claims).not.toHaveProperty('jti')
})
