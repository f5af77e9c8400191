// The control plane's lines in the log of a deployment: who asked what of which tenant, refused requests and removals too.
import { createExecutionContext } from 'cloudflare:test'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { removeExpired } from '../../src/serve.ts'
import { CONTROL_TOKEN, isolate } from '../support/control.ts'
import { answer } from '../support/tenant.ts'

const here = isolate('deployed', { LOG: 'json' })
const RAY = '8c2f0a1b2c3d4e5f-FRA'

let lines: string[] = []
const parsed = () => lines.map((line): Record<string, unknown> => JSON.parse(line))

beforeEach(() => {
  lines = []
  const note = (line: string) => lines.push(line)
  vi.spyOn(console, 'log').mockImplementation(note)
  vi.spyOn(console, 'error').mockImplementation(note)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const ask = (method: string, path: string, json?: unknown, token = CONTROL_TOKEN) =>
  here.send(method, `/_control${path}`, { token, json, headers: { 'CF-Ray': RAY } })

test('each call has one line with operation, tenant, status and ray, and none of what was sent or answered', async () => {
  const seed = { settings: [{ key: 'A.Secret', value: 'hidden-value' }] }
  const made = await answer<{ id: string; tokens: { admin: string } }>(
    await ask('POST', '/tenants', { name: 'logged', seed }),
    201,
  )
  const { token } = await answer<{ token: string }>(await ask('POST', '/tenants/logged/tokens', {}), 201)
  await answer(await ask('GET', '/tenants/logged/dump'))
  await answer(await ask('GET', '/tenants/nobody-there/dump'), 404)
  await answer(await ask('POST', '/secrets/signing-key/no-such-key/sign'), 404)
  await answer(await ask('POST', '/tenants', { nmae: 'hidden-value' }), 400)
  await answer(await ask('DELETE', '/tenants/logged'), 204)
  const line = (operation: string, status: number, partition?: string) => [operation, status, partition, RAY]
  expect(parsed().map(({ operation, status, partition, ray }) => [operation, status, partition, ray])).toEqual([
    line('createTenant', 201, made.id),
    line('mintToken', 201, made.id),
    line('dumpTenant', 200, made.id),
    line('dumpTenant', 404),
    line('promoteSigningKey', 404),
    line('createTenant', 400),
    line('deleteTenant', 204, made.id),
  ])
  const secrets = [CONTROL_TOKEN, token, made.tokens.admin, 'hidden-value', 'nobody-there', 'no-such-key']
  for (const secret of secrets) expect(lines.join()).not.toContain(secret)
})

test('a wrong control token has one too, with what it asked for', async () => {
  const id = crypto.randomUUID()
  await answer(await ask('DELETE', `/tenants/${id}`, undefined, 'a-guess'), 401)
  await answer(await ask('DELETE', '/tenants/some-name', undefined, 'a-guess'), 401)
  expect(parsed()).toMatchObject([
    { operation: 'deleteTenant', method: 'DELETE', status: 401, partition: id, ray: RAY },
    { operation: 'deleteTenant', method: 'DELETE', status: 401, ray: RAY },
  ])
  for (const secret of ['a-guess', 'some-name']) expect(lines.join()).not.toContain(secret)
})

test('what the Cron removes is named, and so is a run that fails', async () => {
  const { id } = await here.create({ ttl: 1 })
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1000 })
  lines = []
  await removeExpired(undefined, here.bindings, createExecutionContext())
  expect(parsed()).toMatchObject([
    { operation: 'removeExpired', removed: expect.arrayContaining([id]) },
    { operation: 'removeExpired', method: 'POST', status: 204 },
  ])
  lines = []
  const withSession = () => {
    throw new Error('D1 is away')
  }
  const DB = new Proxy<D1Database>(here.bindings.DB, {
    get(target, name) {
      const value = Reflect.get(target, name, target)
      if (name === 'withSession') return withSession
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  await removeExpired(undefined, { ...here.bindings, DB }, createExecutionContext())
  expect(parsed()).toMatchObject([{ operation: 'removeExpired', status: 500, error: { message: 'D1 is away' } }])
})
