// Pages in a developer's browser that are not the developer's: what a local run answers to another host or origin.
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import embedded from '../../src/embedded/index.ts'
import worker from '../../src/index.ts'
import { partitionGlobalId, token } from '../support/every-operation.ts'

const CONTROL_TOKEN = 'a-control-token-of-this-test'
const SETTINGS = `/identity_/api/Setting?partitionGlobalId=${partitionGlobalId}`
const PATHS = ['/', '/health', '/identity_/connect/token', SETTINGS, '/_control/tenants', '/_control/seed.schema.json']

/** The bindings without the variables that let the tests' own hosts and origins in. */
const { ALLOWED_HOSTS: _, CORS_ORIGINS: __, ...bare } = env
const deployed = { ...bare, LOCAL: '', EMBEDDED: '', CONTROL_TOKEN }
const local = { ...bare, CONTROL_TOKEN }
const runs: [string, Cloudflare.Env, typeof worker | typeof embedded][] = [
  ['npm run dev', local, worker],
  ['npm start', { ...local, LOCAL: '' }, embedded],
]

interface Call {
  origin?: string
  method?: string
  headers?: Record<string, string>
}

async function callOf(
  server: typeof worker | typeof embedded,
  vars: Cloudflare.Env,
  url: string,
  { origin, method = 'GET', headers = {} }: Call = {},
): Promise<Response> {
  const sent = { ...headers, ...(origin === undefined ? {} : { Origin: origin }) }
  return await server.fetch(new Request(url, { method, headers: sent }), vars, createExecutionContext())
}

const cors = ({ headers }: Response) => [...headers.keys()].filter((name) => name.startsWith('access-control-'))
const allowed = ({ headers }: Response) => headers.get('Access-Control-Allow-Origin')

describe.each(runs)('%s', (_name, vars, server) => {
  const call = (url: string, options?: Call) => callOf(server, vars, url, options)

  test.each(['rebind.evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', 'evil-localhost', '10.0.0.7'])(
    'answers 421 at every path, and nothing else, to the host %s',
    async (host) => {
      for (const path of PATHS) {
        const own = { headers: { Authorization: `Bearer ${CONTROL_TOKEN}` }, origin: `http://${host}:8787` }
        for (const options of [{}, own, { ...own, method: 'OPTIONS' }]) {
          const response = await call(`http://${host}:8787${path}`, options)
          expect([response.status, cors(response)]).toEqual([421, []])
        }
      }
    },
  )

  test.each(['127.0.0.1:8787', 'localhost', 'LOCALHOST:1', 'tenant.localhost:8787', '127.8.8.8', '[::1]:8787'])(
    'answers to the loopback host %s',
    async (host) => expect((await call(`http://${host}/health`)).status).toBe(200),
  )

  test('answers to the hosts in ALLOWED_HOSTS, at any port, and to no part of their names', async () => {
    const listing = { ...vars, ALLOWED_HOSTS: 'mock.test, Other.test' }
    const statuses = await Promise.all(
      ['mock.test', 'mock.test:99', 'other.test', 'a.mock.test', 'mock.tes'].map(
        async (host) => (await callOf(server, listing, `http://${host}/health`)).status,
      ),
    )
    expect(statuses).toEqual([200, 200, 200, 421, 421])
  })

  test.each(['https://evil.example', 'http://localhost.evil.example', 'http://127.0.0.1@evil.example', 'null'])(
    'lets no script of %s read an answer or send a token',
    async (origin) => {
      for (const headers of [{}, { Authorization: `Bearer ${token}` }]) {
        expect(cors(await call(`http://127.0.0.1:8787${SETTINGS}`, { origin, headers }))).toEqual([])
      }
      const asking = { 'Access-Control-Request-Method': 'PUT', 'Access-Control-Request-Headers': 'authorization' }
      const preflight = { origin, method: 'OPTIONS', headers: asking }
      expect(allowed(await call(`http://127.0.0.1:8787${SETTINGS}`, preflight))).toBeNull()
    },
  )

  test('lets scripts of this machine read answers, at any port, beside those in CORS_ORIGINS; if that is empty, none', async () => {
    const url = 'http://127.0.0.1:8787/health'
    const origins = ['http://localhost:3000', 'https://127.0.0.1', 'http://[::1]:5173', 'https://app.example']
    const allowedBy = (extra: Partial<Cloudflare.Env>) =>
      Promise.all(origins.map(async (origin) => allowed(await callOf(server, { ...vars, ...extra }, url, { origin }))))
    const [first, second, third, app] = origins
    expect(await allowedBy({})).toEqual([first, second, third, null])
    expect(await allowedBy({ CORS_ORIGINS: 'https://app.example' })).toEqual([first, second, third, app])
    expect(await allowedBy({ CORS_ORIGINS: '*' })).toEqual(['*', '*', '*', '*'])
    expect(await allowedBy({ CORS_ORIGINS: '' })).toEqual([null, null, null, null])
  })
})

describe.each([['a deployment', deployed, worker] as const, ...runs])(
  'the control plane of %s',
  (_name, vars, server) => {
    const headers = { Authorization: `Bearer ${CONTROL_TOKEN}` }
    const url = 'https://localhost:8787/_control/tenants'

    test.each(['https://evil.example', 'http://localhost:8787', 'https://localhost', 'null'])(
      'refuses pages of %s with 403, preflights included',
      async (origin) => {
        const preflight = { method: 'OPTIONS', headers: { ...headers, 'Access-Control-Request-Method': 'DELETE' } }
        for (const options of [{ headers }, { headers: {} }, preflight]) {
          const response = await callOf(server, { ...vars, CORS_ORIGINS: '*' }, url, { ...options, origin })
          expect([response.status, cors(response)]).toEqual([403, []])
        }
      },
    )

    test('answers callers without an origin and pages of its own, without CORS', async () => {
      for (const own of [{}, { origin: 'https://localhost:8787' }]) {
        const response = await callOf(server, vars, url, { headers, ...own })
        expect([response.status, cors(response)]).toEqual([200, []])
      }
    })
  },
)

test('a deployment answers to any host, and lets any origin read unless CORS_ORIGINS says otherwise', async () => {
  const response = await callOf(worker, deployed, 'https://any.example/health', { origin: 'https://app.example' })
  expect([response.status, allowed(response)]).toEqual([200, '*'])
})
