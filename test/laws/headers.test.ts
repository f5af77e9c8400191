// Headers that guard an answer, and those that let a browser's scripts read it.
import { createExecutionContext } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { edge } from '../../src/http/edge.ts'
import worker from '../../src/index.ts'
import { all, named, partitionGlobalId, refusedWithProblem, send, token } from '../support/every-operation.ts'
import { ORIGIN } from '../support/tenant.ts'

const PAGE = 'https://app.example'

const fetchWith = (vars: Partial<Cloudflare.Env>, path: string, init: RequestInit = {}, origin = ORIGIN) =>
  worker.fetch(new Request(`${origin}${path}`, init), { ...env, ...vars }, createExecutionContext())

const preflight = (path: string, headers: Record<string, string> = {}, vars: Partial<Cloudflare.Env> = {}) =>
  fetchWith(vars, path, {
    method: 'OPTIONS',
    headers: { Origin: PAGE, 'Access-Control-Request-Method': 'PUT', ...headers },
  })

// Its engine says nothing of caches where it publishes its addresses and keys.
const PUBLISHED = /^Discovery_/

describe('every answer', () => {
  test.each(named(all))(
    '%s > is kept by no cache and not sniffed, whether it works or is refused',
    async (_, operation) => {
      const body = operation.contract.json ? { type: 'application/json', body: '{}' } : {}
      const answers = [
        send(operation),
        send(operation, { token, ...body }),
        send(operation, { method: 'PATCH', token }),
      ]
      const isPublished = PUBLISHED.test(operation.contract.operationId)
      for (const { headers, ok } of await Promise.all(answers)) {
        expect(headers.get('Cache-Control')).toBe(ok && isPublished ? null : 'no-store')
        expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
        expect(headers.get('Strict-Transport-Security')).toBeNull()
        expect(headers.get('Access-Control-Allow-Origin')).toBeNull()
      }
    },
  )

  test('asks for https from then on where it came over https, and only there', async () => {
    for (const path of ['/health', '/nothing', '/identity_/api/Setting']) {
      const { headers } = await fetchWith({}, path, {}, 'https://tenant.example')
      expect(headers.get('Strict-Transport-Security')).toMatch(/^max-age=\d{8}$/)
      expect((await fetchWith({}, path)).headers.get('Strict-Transport-Security')).toBeNull()
      // At localhost it would hold for the servers at all other ports.
      const local = await fetchWith({ EMBEDDED: 'true' }, path, {}, 'https://localhost:8787')
      expect(local.headers.get('Strict-Transport-Security')).toBeNull()
    }
  })

  test('that is a page may do nothing but show itself, unless it says what it may', async () => {
    const page = (headers: Record<string, string>) =>
      edge(() => new Response('<p>', { headers: { 'Content-Type': 'text/html; charset=utf-8', ...headers } }))(
        new Request(ORIGIN),
        env,
        createExecutionContext(),
      )
    const strict = await page({})
    expect(strict.headers.get('Content-Security-Policy')).toMatch(/^default-src 'none';.*frame-ancestors 'none'/)
    expect(strict.headers.get('X-Content-Type-Options')).toBe('nosniff')
    const own = await page({ 'Content-Security-Policy': "default-src 'self'" })
    expect(own.headers.get('Content-Security-Policy')).toBe("default-src 'self'")
  })

  test('to a URL of more than 16 KB is 414', async () => {
    const long = `/identity_/api/Setting?key=${'k'.repeat(16 * 1024)}`
    await refusedWithProblem(await fetchWith({}, long, { headers: { Authorization: `Bearer ${token}` } }), 414)
    await refusedWithProblem(await fetchWith({}, `/${'a'.repeat(20_000)}`), 414)
    expect((await fetchWith({}, `/identity_/api/Setting?key=${'k'.repeat(16_000)}`)).status).toBe(401)
  })
})

describe('a preflight', () => {
  test.each(['/identity_/connect/token', '/identity_/api/Setting', '/org/identity_/api/Group/p/g', '/nothing'])(
    '%s > is answered without a token and without the database',
    async (path) => {
      const d1 = new Proxy(env.DB, {
        get: () => {
          throw new Error('the database was asked')
        },
      })
      const asked = 'authorization,content-type,traceparent,x-uipath-traceparent-id'
      const response = await preflight(path, { 'Access-Control-Request-Headers': asked }, { DB: d1 })
      expect([response.status, await response.text()]).toEqual([204, ''])
      expect(response.headers.get('Access-Control-Allow-Origin')).toBe('*')
      expect(response.headers.get('Access-Control-Allow-Headers')).toBe(asked)
      expect(response.headers.get('Access-Control-Allow-Methods')).toBe('GET, POST, PUT, PATCH, DELETE, OPTIONS')
      expect(response.headers.get('Access-Control-Allow-Credentials')).toBeNull()
    },
  )

  test.each([undefined, 'a b', 'x: y', `${'x'.repeat(1001)}`])(
    'that asks for the headers %s is told those known',
    async (asked) => {
      const { headers } = await preflight('/', asked ? { 'Access-Control-Request-Headers': asked } : {})
      expect(headers.get('Access-Control-Allow-Headers')).toContain('Authorization, Content-Type, traceparent')
    },
  )

  test('is one only with an origin and the method it asks for', async () => {
    const init = { method: 'OPTIONS', headers: { Origin: PAGE } }
    expect((await fetchWith({}, '/identity_/api/Setting', init)).status).toBe(405)
  })
})

describe('a script of another origin', () => {
  test('may read every answer, refusals and the bookmark included', async () => {
    for (const operation of all) {
      for (const bearer of [{}, { token }]) {
        const { headers } = await send(operation, { ...bearer, headers: { Origin: PAGE } })
        expect(headers.get('Access-Control-Allow-Origin')).toBe('*')
        expect(headers.get('Access-Control-Expose-Headers')).toContain('x-d1-bookmark')
        expect(headers.get('Access-Control-Allow-Credentials')).toBeNull()
      }
    }
    expect((await exports.default.fetch(`${ORIGIN}/nothing`, { headers: { Origin: PAGE } })).status).toBe(404)
  })

  test('leaves nothing behind on the next answer, which is to no script', async () => {
    const path = `/identity_/api/Group/${partitionGlobalId}`
    const headers = { Authorization: `Bearer ${token}` }
    for (const EMBEDDED of ['', 'true']) {
      for (let round = 0; round < 3; round++) {
        const shared = await fetchWith({ EMBEDDED }, path, { headers: { ...headers, Origin: PAGE } })
        expect(shared.headers.get('Access-Control-Allow-Origin')).toBe('*')
        const plain = await fetchWith({ EMBEDDED }, path, { headers })
        expect(plain.headers.get('Access-Control-Allow-Origin')).toBeNull()
        expect(plain.headers.get('x-d1-bookmark')).toMatch(/^[0-9a-f-]{59}$/)
      }
    }
  })

  test.each([
    ['https://other.example, https://app.example', PAGE],
    ['https://app.example', PAGE],
    ['https://app.example.evil', null],
    ['https://other.example', null],
    ['', null],
  ])('where CORS_ORIGINS is "%s" is told %s', async (CORS_ORIGINS, allowed) => {
    for (const path of ['/identity_/api/Setting', '/health']) {
      const { headers } = await fetchWith({ CORS_ORIGINS }, path, { headers: { Origin: PAGE } })
      expect(headers.get('Access-Control-Allow-Origin')).toBe(allowed)
      expect(headers.get('Vary')).toBe('Origin')
    }
    const answered = await preflight('/identity_/api/Setting', {}, { CORS_ORIGINS })
    expect(answered.headers.get('Access-Control-Allow-Origin')).toBe(allowed)
  })
})
