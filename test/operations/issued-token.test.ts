// Tokens that an isolate has signed itself: it spares itself the check of their signatures, and refuses what it would refuse
// if it had not signed them.
import { createExecutionContext } from 'cloudflare:test'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { resetIsolate } from '../../src/http/isolate-memory.ts'
import { isolate } from '../support/control.ts'
import { answer } from '../support/tenant.ts'

afterEach(() => vi.restoreAllMocks())

const MODES = ['embedded', 'deployed'] as const

async function tenant(mode: (typeof MODES)[number]) {
  const here = isolate(mode, { LOCAL: '' })
  const { id, name, clients } = await here.create()
  const [client] = clients
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: client?.id ?? '',
    client_secret: client?.secret ?? '',
  })
  return {
    id,
    clock: (verb: string, json?: object) => here.control(verb, `/tenants/${id}/clock`, json),
    issue: async () => {
      const url = `http://tenant.example/${name}/identity_/connect/token`
      const response = await here.fetch(new Request(url, { method: 'POST', body }), createExecutionContext())
      return (await answer<{ access_token: string }>(response)).access_token
    },
    fetch: (request: Request) => here.fetch(request, createExecutionContext()),
    groups: (token: string) => here.call('GET', `/api/Group/${id}`, { token }),
  }
}

/** What is answered now, and in an isolate that did not sign the token. */
async function both(ask: () => Response | Promise<Response>) {
  const answers: [number, string | null][] = []
  for (const forget of [() => {}, resetIsolate]) {
    forget()
    const { status, headers } = await ask()
    answers.push([status, headers.get('WWW-Authenticate')])
  }
  return answers
}

describe.each(MODES)('%s', (mode) => {
  test('a signature is not checked where it was made, and is elsewhere', async () => {
    const { issue, groups } = await tenant(mode)
    const token = await issue()
    const verify = vi.spyOn(crypto.subtle, 'verify')
    expect((await groups(token)).status).toBe(200)
    expect(verify).not.toHaveBeenCalled()
    resetIsolate()
    expect((await groups(token)).status).toBe(200)
    expect(verify).toHaveBeenCalledOnce()
  })

  test('a token with another signature is refused', async () => {
    const { issue, groups } = await tenant(mode)
    const token = await issue()
    const end = token.lastIndexOf('.') + 1
    const forged = `${token.slice(0, end)}${token.slice(end).replace(/./g, 'A')}`
    expect(await both(() => groups(forged))).toEqual(Array(2).fill([401, expect.stringContaining('invalid')]))
    expect((await groups(token)).status).toBe(200)
  })

  test('a token from a clock that was ahead is not valid yet, and one that the clock went past has expired', async () => {
    const { issue, groups, clock } = await tenant(mode)
    await answer(await clock('PUT', { now: '2099-01-01T00:00:00Z' }))
    const early = await issue()
    expect((await clock('DELETE')).status).toBe(204)
    expect(await both(() => groups(early))).toEqual(Array(2).fill([401, expect.stringContaining('not valid yet')]))
    const late = await issue()
    await answer(await clock('PUT', { now: '2099-01-01T00:00:00Z' }))
    expect(await both(() => groups(late))).toEqual(Array(2).fill([401, expect.stringContaining('expired')]))
  })
})

// A local run has many names, and its tokens hold at each.
test('a token for another issuer is refused', async () => {
  const { id, issue, fetch } = await tenant('deployed')
  const token = await issue()
  const url = `http://other.example/identity_/api/Group/${id}`
  const ask = () => fetch(new Request(url, { headers: { authorization: `Bearer ${token}` } }))
  expect(await both(ask)).toEqual(Array(2).fill([401, expect.stringContaining('issuer')]))
})
