// A local run reads what is left of a request's body before it answers, so that a client that is still sending gets the answer.
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, expect, test, vi } from 'vitest'
import { drainBody, MAX_WAIT } from '../../src/embedded/drain-body.ts'
import type { Fetch } from '../../src/http/edge.ts'
import { serve } from '../../src/serve.ts'
import { ORIGIN } from '../support/tenant.ts'

afterEach(() => {
  vi.useRealTimers()
})

const KIB = new Uint8Array(1024).fill(0x61)

/** A body of as many KiB, made as it is read, and how many of them were. */
function bodyOf(length: number) {
  const body = { read: 0, isCancelled: false }
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (body.read === length) return controller.close()
        body.read += 1
        controller.enqueue(KIB)
      },
      cancel() {
        body.isCancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return Object.assign(body, { stream })
}

const send = (inner: Fetch, path: string, stream: ReadableStream, type = 'application/x-www-form-urlencoded') => {
  const request = new Request(`${ORIGIN}${path}`, { method: 'POST', headers: { 'Content-Type': type }, body: stream })
  return drainBody(inner)(request, env, createExecutionContext())
}

test.each([
  ['that is not looked at', 'text/plain', 400, 5000],
  ['of which the limit was read', 'application/x-www-form-urlencoded', 413, 5000],
  ['that is as long as what is taken', 'application/x-www-form-urlencoded', 400, 1],
])('a body %s is read to its end', async (_, type, status, length) => {
  const body = bodyOf(length)
  const response = await send(serve, '/identity_/connect/token', body.stream, type)
  expect([response.status, body.read, body.isCancelled]).toEqual([status, length, false])
})

test('a body that is very long is read in part', async () => {
  const body = bodyOf(1_000_000)
  expect((await send(serve, '/nowhere', body.stream)).status).toBe(404)
  expect(body.read).toBeLessThan(20_000)
  expect(body.isCancelled).toBe(true)
})

test('a client that does not come to an end gets its answer', async () => {
  vi.useFakeTimers()
  const endless = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) })
  const answered = send(() => new Response('refused', { status: 400 }), '/', endless)
  await vi.advanceTimersByTimeAsync(MAX_WAIT)
  expect(await (await answered).text()).toBe('refused')
})
