// What every operation may be refused for, of the API and of the control plane: each refusal that is declared for all of them,
// seen on each. The documents' own check, in test/support/recorder.ts, looks at the answers.
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test, vi } from 'vitest'
import { MAX_BODY } from '../../src/http/body-limit.ts'
import worker from '../../src/index.ts'
import { CONTROL_TOKEN, isolate } from '../support/control.ts'
import { all } from '../support/every-operation.ts'
import { PROMISED, type Promised } from '../support/promises.ts'
import { adminOf, answer, createPartition, mint, ORIGIN } from '../support/tenant.ts'
import { wellFormed } from '../support/well-formed-requests.ts'

const named = (promised: readonly Promised[]) =>
  promised.map((one): [string, Promised] => [`${one.method} ${one.path}`, one])
const every = named(PROMISED)
const controlled = named(
  PROMISED.filter(({ plane, path }) => plane === 'control' && !path.endsWith('seed.schema.json')),
)

const ids: Record<string, string> = {
  tenant: 'hogwarts',
  settingId: '1',
  snapshot: 'kept',
  fault: 'none',
  key: 'key-aaaaaaaaaaaa',
}
const pathOf = ({ path }: Promised) => path.replace(/\{(\w+)\}/g, (_, name) => ids[name] ?? crypto.randomUUID())

interface Sent {
  token?: string
  origin?: string
  path?: string
  query?: string
  headers?: Record<string, string>
  body?: string
}

const bindings = { ...env, CONTROL_TOKEN }
const bearer = await mint({ host: 'True' })

function send(
  promised: Promised,
  { query = '', origin = ORIGIN, headers = {}, ...sent }: Sent = {},
  among: Cloudflare.Env = bindings,
) {
  const { token = promised.plane === 'control' ? CONTROL_TOKEN : bearer, path = pathOf(promised), body } = sent
  const hasBody = !['GET', 'HEAD'].includes(promised.method)
  const request = new Request(`${origin}${path}${query}`, {
    method: promised.method,
    headers: { Authorization: `Bearer ${token}`, ...(hasBody && { 'Content-Type': 'application/json' }), ...headers },
    body: hasBody ? (body ?? '{}') : null,
  })
  return worker.fetch(request, among, createExecutionContext())
}

const statusOf = async (answer: Response | Promise<Response>) => (await answer).status

/** Bindings that fail whatever asks for them. */
const broken = (...names: string[]) =>
  Object.defineProperties(
    { ...bindings },
    Object.fromEntries(
      names.map((name) => [
        name,
        {
          get: () => {
            throw new Error(`${name} is broken on purpose`)
          },
        },
      ]),
    ),
  )

describe('every operation', () => {
  test.each(every)('%s > 414 for a URL that is too long', async (_, promised) => {
    expect(await statusOf(send(promised, { query: `?${'a'.repeat(17_000)}` }))).toBe(414)
  })

  test.each(every)('%s > 421 for a host that is not the local one', async (_, promised) => {
    const elsewhere = { origin: 'http://evil.example' }
    expect(await statusOf(send(promised, elsewhere, { ...bindings, LOCAL: 'true', ALLOWED_HOSTS: '' }))).toBe(421)
  })

  test.each(every)('%s > 503 while the deployment has unfit secrets', async (_, promised) => {
    expect(await statusOf(send(promised, {}, { ...bindings, LOCAL: '', ENCRYPTION_KEY: 'none' }))).toBe(503)
  })

  test.each(every)('%s > 500 for a failure of the server', async (_, promised) => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
    const isForm = promised.operationId.startsWith('Connect_')
    const headers = isForm ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {}
    const body = isForm ? TOKEN_REQUEST : (BODIES[promised.operationId] ?? '{}')
    expect(await statusOf(send(promised, { headers, body }, broken('DB', 'ASSETS', 'ISSUER')))).toBe(500)
    expect(logged).toHaveBeenCalled()
    logged.mockRestore()
  })
})

describe('every operation of the control plane', () => {
  test.each(controlled)('%s > 401 for a wrong token, 429 for many', async (_, promised) => {
    expect(await statusOf(send(promised, { token: 'wrong' }))).toBe(401)
    const full = { ...bindings, TOKENS_BY_ADDRESS: { limit: async () => ({ success: false }) } }
    const headers = { 'CF-Connecting-IP': '192.0.2.1' }
    expect(await statusOf(send(promised, { token: 'wrong', headers }, full))).toBe(429)
  })

  test.each(controlled)('%s > 400 for a parameter that is not known', async (_, promised) => {
    expect(await statusOf(send(promised, { query: '?nothing=of+the+kind' }))).toBe(400)
  })

  test.each(controlled.filter(([, { answers }]) => answers.has(413)))(
    '%s > 415 for what is no JSON, 413 for what is too large',
    async (_, promised) => {
      expect(await statusOf(send(promised, { headers: { 'Content-Type': 'text/plain' } }))).toBe(415)
      expect(await statusOf(send(promised, { headers: { 'Content-Length': `${64 * 1024 * 1024}` } }))).toBe(413)
    },
  )

  test.each(named(PROMISED.filter(({ plane }) => plane === 'control')))(
    '%s > 403 for a page of another origin',
    async (_, promised) => {
      expect(await statusOf(send(promised, { headers: { Origin: 'https://evil.example' } }))).toBe(403)
    },
  )

  test.each(controlled.filter(([, { path }]) => path.includes('{tenant}')))(
    '%s > 404 for a tenant that is not there',
    async (_, promised) => {
      const path = promised.path.replace('{tenant}', 'nobody').replace(/\{(\w+)\}/g, (_, name) => ids[name] ?? 'x')
      const body = BODIES[promised.operationId] ?? '{}'
      expect(await statusOf(send(promised, { path, body }))).toBe(404)
    },
  )
})

const TOKEN_REQUEST = 'grant_type=client_credentials&client_id=a&client_secret=b'

describe('what few operations answer', () => {
  const here = isolate('deployed')

  test('a tenant whose beginning is not known cannot go back to it', async () => {
    await answer(await here.control('POST', `/tenants/${await createPartition()}/reset`), 409)
  })

  test('names and clients are of one tenant each', async () => {
    const clients = [{ id: `client-${crypto.randomUUID()}` }]
    const { id, name } = await here.create({ name: 'taken', seed: { clients } })
    const other = await here.create()
    await answer(await here.control('POST', `/tenants/${id}/fork`, { name }), 409)
    await answer(await here.control('PUT', `/tenants/${other.id}/dump`, { clients }), 409)
  })

  test('faults are disarmed all at once', async () => {
    const { id } = await here.create()
    await answer(await here.control('DELETE', `/tenants/${id}/faults`), 204)
  })

  test.each(['User_InviteUsers', 'Setting_VerifySmtpSetting'])(
    '%s > 404 where the partition of the token is gone',
    async (name) => {
      const operation = all.find(({ contract }) => contract.operationId === name)
      const gone = crypto.randomUUID()
      const subject = {
        partitionGlobalId: gone,
        groupId: gone,
        robotAccountId: gone,
        userId: gone,
        settingId: 1,
        key: 'k',
      }
      const { path, body = '', type = '' } = wellFormed(operation ?? expect.fail('no such operation'), subject)
      const sent = { json: body, token: await adminOf(gone), headers: { 'Content-Type': type } }
      await answer(await here.send('POST', path, sent), 404)
    },
  )

  test('a token request that is too large is refused as any other', async () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    await answer(await here.call('POST', '/connect/token', { json: 'a'.repeat(MAX_BODY + 1), headers }), 413)
  })

  test('the documents as YAML are what they are as JSON', async () => {
    for (const path of ['/identity_/swagger/external/swagger', '/_control/openapi']) {
      const given = { token: CONTROL_TOKEN }
      const yaml = await here.send('GET', `${path}.yaml`, given)
      expect(yaml.headers.get('Content-Type')).toBe('application/yaml; charset=utf-8')
      const { paths } = await answer<{ paths: object }>(await here.send('GET', `${path}.json`, given))
      const names = [...JSON.stringify(paths).matchAll(/"operationId":"(\w+)"/g)].map(([, name]) => name)
      expect([...(await yaml.text()).matchAll(/operationId: (\w+)\n/g)].map(([, name]) => name)).toEqual(names)
    }
  })
})

/** Bodies of operations that take more than none. */
const BODIES: Record<string, string> = {
  createKey: '{"team":"any"}',
  setSignIn: '{"user":"ada"}',
  signIn: '{"user":"ada"}',
  switchJournal: '{"enabled":true}',
  armFault: '{"status":500}',
  allowPreferences: '{"clients":"*"}',
  setClock: '{"now":"2026-01-01T00:00:00Z"}',
  advanceClock: '{"milliseconds":1}',
}
