// Bodies as bytes, for every operation that takes one: what is no text in the encoding it claims is refused, never replaced
// by something else, and nothing of it is kept.
import { createExecutionContext } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { CONTROL_TOKEN, isolate } from '../support/control.ts'
import { all, named, pages, partitionGlobalId, refusedWithProblem, send, token } from '../support/every-operation.ts'
import { answer, call, ORIGIN } from '../support/tenant.ts'

const encoder = new TextEncoder()
const bytes = (...parts: (string | number[])[]) =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...encoder.encode(part)] : part)))
const utf16 = (text: string, bigEndian = false) => {
  const view = new DataView(new ArrayBuffer(text.length * 2))
  for (let at = 0; at < text.length; at += 1) view.setUint16(at * 2, text.charCodeAt(at), !bigEndian)
  return new Uint8Array(view.buffer)
}

const withJson = named(all.filter(({ contract }) => contract.json))
const rest = JSON.stringify({ partitionGlobalId, settings: [{ key: 'bytes', value: 'v' }], userName: 'bytes' }).slice(1)
const INVALID = {
  'Latin-1': [0xfc],
  'a lone continuation': [0x80],
  'a sequence cut short': [0xe2, 0x82],
  'an overlong form': [0xc0, 0xaf],
  'half of a surrogate pair': [0xed, 0xa0, 0x80],
  'beyond Unicode': [0xf4, 0x90, 0x80, 0x80],
  'no byte of UTF-8': [0xff],
}

async function stored() {
  const tables = ['settings', 'groups', 'directory_entities', 'users', 'group_members']
  const rows = await env.DB.batch(tables.map((table) => env.DB.prepare(`select * from ${table}`)))
  return rows.map(({ results }) => results)
}

describe('a body that is not UTF-8', () => {
  test.each(withJson)('%s > 400, and nothing is written', async (_, operation) => {
    const before = await stored()
    for (const [what, invalid] of Object.entries(INVALID)) {
      for (const type of ['application/json', 'text/json; charset=UTF-8', 'application/json; charset="utf-8"']) {
        for (const body of [bytes('{"name":"M', invalid, 'ller",', rest), bytes(`{${rest}`, invalid)]) {
          const { errors } = await refusedWithProblem(await send(operation, { token, type, body }), 400, ['errors'])
          expect(errors, what).toEqual({ '': ['The request body is not valid UTF-8.'] })
        }
      }
    }
    expect(await stored()).toEqual(before)
  })
})

describe('a body in another encoding', () => {
  test.each(withJson)('%s > 415 for a charset that is not read, and nothing is written', async (_, operation) => {
    const before = await stored()
    const body = bytes(`{${rest}`)
    for (const charset of [
      'iso-8859-1',
      'ISO-8859-1',
      '"windows-1252"',
      'us-ascii',
      'utf-7',
      'utf-32',
      'utf-16be',
      'x',
      '',
    ]) {
      for (const type of [`application/json; charset=${charset}`, `application/json;x=y;CHARSET = ${charset}`]) {
        const { detail } = await refusedWithDetail(await send(operation, { token, type, body }))
        expect(detail).toContain('charset')
      }
    }
    expect(await stored()).toEqual(before)
  })

  test.each(withJson)('%s > 415 for a content coding, which it names', async (_, operation) => {
    const body = bytes(`{${rest}`)
    for (const coding of ['gzip', 'br', 'deflate', 'x-unknown', 'identity, gzip']) {
      const headers = { 'Content-Encoding': coding }
      const response = await send(operation, { token, type: 'application/json', body, headers })
      expect((await refusedWithDetail(response)).detail).toContain(`'${coding}'`)
    }
  })
})

async function refusedWithDetail(response: Response) {
  const problem = await answer<{ status: number; title: string; detail: string }>(response, 415)
  expect(problem).toMatchObject({ status: 415, title: 'Unsupported Media Type' })
  expect(response.headers.get('Content-Type')).toBe('application/problem+json; charset=utf-8')
  return problem
}

const put = (type: string, body: Uint8Array, headers = {}) =>
  exports.default.fetch(`${ORIGIN}/identity_/api/Setting`, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': type, ...headers },
    body,
  })

const VALUE = 'Müller, ΣΑΣ, 😀, \ufffd, \ufeff'

describe('a body that is read', () => {
  const text = JSON.stringify({ partitionGlobalId, settings: [{ key: 'read', value: VALUE }] })

  test.each<[string, string, Uint8Array]>([
    ['UTF-8', 'application/json', bytes(text)],
    ['UTF-8 that says so', 'application/json; charset=Utf-8', bytes(text)],
    ['UTF-8 with a mark', 'application/json;charset="UTF-8"', bytes([0xef, 0xbb, 0xbf], text)],
    ['UTF-16', 'application/json; charset=utf-16', utf16(text)],
    ['UTF-16 with a mark', 'text/json; charset=UTF-16', utf16(`\ufeff${text}`)],
    ['UTF-16 with a mark of the other order', 'application/json; charset="utf-16"', utf16(`\ufeff${text}`, true)],
    ['UTF-16 by .NET’s other names', 'application/merge-patch+json; charset=unicode', utf16(text)],
    ['no coding', 'application/json', bytes(text)],
  ])('%s is stored as it was meant', async (name, type, body) => {
    const headers = name === 'no coding' ? { 'Content-Encoding': 'Identity' } : {}
    expect(await answer(await put(type, body, headers))).toMatchObject([{ key: 'read', value: VALUE }])
    const row = await env.DB.prepare("select value from settings where key = 'read'").first<{ value: string }>()
    expect(row).toEqual({ value: VALUE })
    await answer(await call('DELETE', '/api/Setting', { token, json: { partitionGlobalId, settings: ['read'] } }), 204)
  })

  test.each([
    ['half of a pair', utf16('{"a":"\ud800"}')],
    ['an odd number of bytes', utf16('{}').slice(0, 3)],
    ['UTF-8', bytes(text)],
  ])('400 for UTF-16 that is %s', async (_, body) => {
    await answer(await put('application/json; charset=utf-16', body), 400)
  })
})

describe('the form of POST /connect/token', () => {
  const post = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
    exports.default.fetch(`${ORIGIN}/identity_/connect/token`, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    })
  const form = 'grant_type=client_credentials&client_secret=s&client_id='

  test.each(Object.entries(INVALID))('400 invalid_request for %s, as it is and escaped', async (_, invalid) => {
    const escaped = invalid.map((byte) => `%${byte.toString(16)}`).join('')
    for (const body of [
      bytes(form, invalid),
      bytes(`${form}x&`, invalid, '=1'),
      `${form}${escaped}`,
      `${form}%ef%bf%bd${escaped}`,
    ]) {
      expect(await answer(await post(body), 400)).toEqual({ error: 'invalid_request' })
    }
  })

  test('a replacement character that was sent is one, and so is anything that is no escape', async () => {
    for (const id of ['\ufffd', '%EF%BF%BD', '%', '%zz', 'M%C3%BCller']) {
      expect(await answer(await post(`${form}${id}`), 400)).toEqual({ error: 'invalid_client' })
    }
  })

  test('415 for a charset or a coding that is not read', async () => {
    const type = 'application/x-www-form-urlencoded; charset=iso-8859-1'
    expect((await refusedWithDetail(await post(form, { 'Content-Type': type }))).detail).toContain('iso-8859-1')
    expect((await refusedWithDetail(await post(form, { 'Content-Encoding': 'gzip' }))).detail).toContain('gzip')
  })
})

describe('the form of a page', () => {
  const type = 'application/x-www-form-urlencoded'
  const forms = pages.filter(({ method }) => method === 'POST')

  test.each(named(forms))('%s > 400 for bytes that are not UTF-8', async (_, operation) => {
    for (const [what, invalid] of Object.entries(INVALID)) {
      const body = bytes('client_id=x&userCode=', invalid)
      const { errors } = await refusedWithProblem(await send(operation, { type, body }), 400, ['errors'])
      expect(errors, what).toEqual({ '': ['The request body is not valid UTF-8.'] })
    }
  })
})

describe('the control plane', () => {
  const { fetch } = isolate('embedded')
  const create = (body: Uint8Array) => {
    const headers = { Authorization: `Bearer ${CONTROL_TOKEN}`, 'Content-Type': 'application/json' }
    return fetch(new Request(`${ORIGIN}/_control/tenants`, { method: 'POST', headers, body }), createExecutionContext())
  }

  test('400 for bytes that are not UTF-8, and for loose JSON', async () => {
    for (const body of [
      bytes('{"name":"m', [0xfc], '"}'),
      bytes("{'name':'m'}"),
      bytes('{"name":"m",}'),
      bytes('{"name":1}'),
    ]) {
      await answer(await create(body), 400)
    }
  })
})
