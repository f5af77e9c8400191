// What holds for every operation, generated from the table of routes: nothing here names one.
import { exports } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { safeParse, toJSONSchema } from 'zod/v4/core'
import { SCOPES } from '../../src/auth/scopes.ts'
import { MAX_BODY } from '../../src/http/body-limit.ts'
import type { Operation } from '../../src/http/contract.ts'
import { BASE_PATH } from '../../src/http/path.ts'
import {
  all,
  matches,
  named,
  partitionGlobalId,
  pathOf,
  queryOf,
  refused,
  refusedWithProblem,
  removes,
  send,
  token,
} from '../support/every-operation.ts'
import { adminOf, hostAdmin, ORIGIN } from '../support/tenant.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

const scoped = named(all.filter(({ contract }) => contract.scopes))
/** What a caller proves itself to in the token service's own way has its own tests (conformance/token-service.test.ts). */
const api = all.filter(({ contract }) => !contract.proof)
const open = named(api.filter(({ contract }) => !contract.scopes))
const reading = named(api.filter(({ method, contract }) => method === 'GET' && contract.media === undefined))
const withJson = named(all.filter(({ contract }) => contract.json))
const withObject = withJson.filter(([, operation]) => !takesList(operation))
const narrow = scoped.filter(([, { contract }]) => contract.scopes?.length)
const wide = scoped.filter(([, { contract }]) => contract.scopes?.length === 0)

function takesList({ contract }: Operation) {
  return contract.json && toJSONSchema(contract.json, { io: 'input' }).type === 'array'
}

test('there are operations to hold to the laws', () => {
  expect(Math.min(scoped.length, open.length, reading.length, withJson.length)).toBeGreaterThan(0)
  expect(new Set(named(all).map(([name]) => name)).size).toBe(all.length)
})

describe('the caller', () => {
  test.each(scoped)('%s > 401 without a token, whatever is sent', async (_, operation) => {
    const bodies = operation.contract.json ? ['{}', '{', ' '.repeat(MAX_BODY + 1)] : [undefined]
    for (const body of bodies) {
      for (const type of ['application/json', 'text/plain', undefined]) {
        const response = await send(operation, { type, ...(body && { body }) })
        expect(await refused(response, 401)).toBe('')
        expect(response.headers.get('WWW-Authenticate')).toBe('Bearer')
      }
    }
  })

  test.each(wide)('%s > any token will do', async (_, operation) => {
    const response = await send(operation, { token: await adminOf(partitionGlobalId, []) })
    expect([401, 403]).not.toContain(response.status)
  })

  test.each(narrow)('%s > 403 with every scope but those accepted', async (_, operation) => {
    const { scopes: accepted = [], json } = operation.contract
    const others: string[] = SCOPES.filter((scope) => !accepted.includes(scope))
    const lower = accepted.map((scope) => scope.toLowerCase())
    for (const held of [others, ['OR.Jobs', ...lower], []]) {
      const response = await send(operation, { token: await hostAdmin(held), ...(json && { body: '{' }) })
      expect(JSON.parse(await refused(response, 403))).toEqual({
        errorMessage: `Scope(s) '${held}' is(are) invalid. Expect to have ${accepted.map((scope) => `'${scope}'`).join(' or ')}. `,
      })
    }
  })

  test.each(narrow)('%s > each accepted scope alone is enough', async (_, operation) => {
    const { scopes: accepted = [], json } = operation.contract
    expect(SCOPES).toEqual(expect.arrayContaining([...accepted]))
    for (const scope of accepted) {
      const response = await send(operation, {
        token: await adminOf(partitionGlobalId, [scope]),
        ...(json && { type: 'application/json', body: '{}' }),
      })
      expect(response.status).not.toBe(401)
      expect(await response.text()).not.toContain('Expect to have')
    }
  })

  test.each(open)('%s > asks for no token', async (_, operation) => {
    const statuses = [await send(operation), await send(operation, { token: 'abc' })].map(({ status }) => status)
    for (const status of statuses) expect([401, 403, 404, 405]).not.toContain(status)
  })
})

// Its framework takes another method for a token request that is none: 400.
const routed = all.filter(({ contract }) => contract.operationId !== 'Connect_Token')

/** Those who watch a deployment ask with HEAD. */
const PROBES = new Set(['/health', '/ready'])

describe('the method', () => {
  test.each(named(routed))('%s > 405 for methods nothing answers there, with those that do', async (_, operation) => {
    const path = pathOf(operation)
    const answered = all.filter((other) => matches(other.path, path)).map(({ method }) => method)
    const isProbe = answered.includes('GET') && PROBES.has(path)
    const allowed = [...new Set([...answered, ...(isProbe ? ['HEAD'] : [])])].sort()
    for (const method of METHODS.filter((name) => !answered.includes(name))) {
      for (const bearer of [{}, { token }]) {
        const response = await send(operation, { method, ...bearer })
        await refusedWithProblem(response, 405)
        expect(response.headers.get('Allow')?.split(', ').sort(), method).toEqual(allowed)
      }
    }
  })

  test.each(reading)('%s > HEAD is not GET, but for probes', async (_, operation) => {
    for (const bearer of [{}, { token }]) {
      const response = await send(operation, { method: 'HEAD', ...bearer })
      expect(response.status).toBe(PROBES.has(operation.path) ? 200 : 405)
      expect(await response.text()).toBe('')
    }
  })

  test.each(reading)('%s > 200 with what its schema says, as JSON in UTF-8', async (_, operation) => {
    const response = await send(operation, { token })
    const body: unknown = await response.json()
    expect([response.status, response.headers.get('Content-Type')]).toEqual([200, 'application/json; charset=utf-8'])
    expect(operation.contract.answer && safeParse(operation.contract.answer, body)).toMatchObject({ success: true })
  })
})

const stream = (bytes: number) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (let sent = 0; sent < bytes; sent += 65_536) {
        controller.enqueue(new Uint8Array(Math.min(65_536, bytes - sent)).fill(0x20))
      }
      controller.close()
    },
  })

/** Texts that are no JSON at all, and JSON with something around it. */
/** What no reader takes, under the path at which it gives up. */
const BROKEN: Record<string, string[]> = {
  '': ['', ' ', '{', '}', '[', '"', '/', '/*', '//{}', '{]', '{,}', '{"a" 1}', '{a-b:1}', 'undefined', 'nil', '\0{}'],
  a: ['{"a":1 2}', '{"a":"\\x"}', '{"a":08}', '{"a":hello}', '{"a":"b', '{"a":1e}', '{"a":1', '{"a":1]'],
}

describe('the JSON body', () => {
  test.each(withJson)('%s > 415 for what is not called JSON', async (_, operation) => {
    const types = ['text/plain', 'application/xml', 'application/jsonp', 'text/html; x=application/json', 'json', '*/*']
    for (const type of [undefined, ...types, 'multipart/form-data', 'application/x-www-form-urlencoded']) {
      await refusedWithProblem(await send(operation, { token, type, body: '{}' }), 415)
    }
  })

  test.each(withJson)('%s > every name of JSON is read alike', async (_, operation) => {
    const outcome = (type: string) => send(operation, { token, type, body: '"x"' })
    const expected = await refusedWithProblem(await outcome('application/json'), 400, ['errors'])
    const names = ['text/json', 'application/json-patch+json', 'application/problem+json', 'application/vnd.a.b-1+json']
    for (const name of ['application/json', ...names]) {
      for (const type of [name, `${name}; charset=utf-8`, `${name} ;charset="utf-8"`, name.toUpperCase()]) {
        expect(await refusedWithProblem(await outcome(type), 400, ['errors']), type).toEqual(expected)
      }
    }
  })

  test.each(withJson)('%s > 413 above 1 MiB, announced or not', async (_, operation) => {
    const sent = { token, type: 'application/json' }
    const announced = { 'Content-Length': `${MAX_BODY + 1}` }
    await refusedWithProblem(await send(operation, { ...sent, body: ' '.repeat(MAX_BODY + 1) }), 413)
    await refusedWithProblem(await send(operation, { ...sent, body: stream(MAX_BODY + 1) }), 413)
    await refusedWithProblem(
      await send(operation, { ...sent, body: ' '.repeat(MAX_BODY + 1), headers: announced }),
      413,
    )
    await refusedWithProblem(await send(operation, { ...sent, body: stream(MAX_BODY) }), 400, ['errors'])
    await refusedWithProblem(await send(operation, { ...sent, body: ' '.repeat(MAX_BODY) }), 400, ['errors'])
  })

  test.each(withJson)('%s > 400 for a body that cannot be parsed', async (_, operation) => {
    for (const [path, bodies] of Object.entries(BROKEN)) {
      for (const body of bodies) {
        const response = await send(operation, { token, type: 'application/json', body })
        const { errors, title } = await refusedWithProblem(response, 400, ['errors'])
        expect(title).toBe('One or more validation errors occurred.')
        expect(errors, body).toEqual({ [path]: [expect.stringMatching(/./)] })
      }
    }
  })

  test.each(withJson)(
    '%s > 400 for a body that is no object or list as it should be, which is not called empty',
    async (_, operation) => {
      for (const body of [...(takesList(operation) ? ['{}'] : ['[]', '[{}]']), '"x"', '1', '-1e999', 'true', 'null']) {
        const response = await send(operation, { token, type: 'application/json', body })
        const { errors } = await refusedWithProblem(response, 400, ['errors'])
        expect(errors, body).toEqual({ '': [expect.stringMatching(/./)] })
        if (body !== 'null') expect(errors[''], body).not.toEqual([expect.stringContaining('non-empty')])
      }
    },
  )

  test.each(withObject)(
    '%s > 400 for a property of a wrong type, which is not called missing',
    async (_, operation) => {
      const { properties = {} } = operation.contract.json ? toJSONSchema(operation.contract.json, { io: 'input' }) : {}
      expect(Object.keys(properties).length).toBeGreaterThan(0)
      for (const name of Object.keys(properties)) {
        const body = JSON.stringify({ [name]: [[true]] })
        const response = await send(operation, { token, type: 'application/json', body })
        const { errors } = await refusedWithProblem(response, 400, ['errors'])
        const said = Object.entries(errors).filter(([field]) => field.startsWith(name))
        expect(said.length, body).toBeGreaterThan(0)
        expect(JSON.stringify(said)).not.toContain('required')
      }
    },
  )
})

const PREFIXES = ['identity_', 'identity', 'org/identity_', `${partitionGlobalId}/identity_`, 'org/tenant/identity_']
const under = (path: string) => `${BASE_PATH}${path}`
const spellings = (path: string) => [path, path.toUpperCase(), path.toLowerCase()].flatMap((each) => [each, `${each}/`])

describe('the path', () => {
  test.each(named(all))('%s > is reached under every prefix and in every spelling', async (_, operation) => {
    const path = pathOf(operation)
    const behind = path.startsWith(`${BASE_PATH}/`) ? path.slice(BASE_PATH.length) : undefined
    const prefixes = [...PREFIXES, 'org/tenant/identity', 'org/identity', 'caf%C3%A9/identity_', 'a.b-c~1/identity_']
    const paths = behind ? prefixes.map((prefix) => `/${prefix}${behind}`) : [path]
    // What a token alone can remove is asked for with one that may not.
    for (const bearer of [{}, { token: removes(operation) ? await hostAdmin([]) : token }]) {
      const { status } = await send(operation, bearer)
      expect([404, 405]).not.toContain(status)
      for (const spelling of paths.flatMap(spellings)) {
        const sent = { path: `${spelling}${queryOf(operation)}`, ...bearer }
        expect([spelling, (await send(operation, sent)).status]).toEqual([spelling, status])
      }
    }
  })

  test.each([
    ...['', '/', '//', '/%', '/favicon.ico', '/api/Setting', '/a/b/c/identity_/api/Setting', '/identity_/connect'],
    ...['', '/', '/api', '/api/', '/api/Unknown', '/apis/Setting', '//api/Setting', '/api/Setting/a/b/c'].map(under),
    ...['_/api/Setting', '/api/%2e%2e/Unknown', '/api%2fSetting', '/connect/', '/connect/unknown'].map(under),
  ])('%s > 404 by every method', async (path) => {
    for (const method of METHODS) {
      const headers = { Authorization: `Bearer ${token}` }
      await refusedWithProblem(await exports.default.fetch(`${ORIGIN}${path}`, { method, headers }), 404)
      await refusedWithProblem(await exports.default.fetch(`${ORIGIN}${path}`, { method }), 404)
    }
  })
})
