// The first middleware of every operation of the control plane, which carries the operation's contract.
import type { Context, Next } from 'hono'
import { attach, type Description } from '../../http/contract.ts'

/**
 * Attaches the contract, and lets a POST come without a body.
 *
 * @example
 * operation({ operationId: 'readClock', summary: 'What a tenant takes the time to be.', answer: Clock })
 */
export const operation = (contract: Description) => attach(contract, (c: Context, next: Next) => allowNoBody(c, next))

/** A POST without a body counts as one with `{}`, so that `curl -X POST` is enough where all properties are optional. */
export async function allowNoBody(c: Context, next: Next) {
  if (c.req.method === 'POST' && (c.req.raw.body === null || c.req.header('Content-Length') === '0')) {
    const headers = new Headers(c.req.raw.headers)
    headers.delete('Content-Length')
    headers.set('Content-Type', 'application/json')
    c.req.raw = new Request(c.req.url, { method: 'POST', headers, body: '{}' })
  }
  await next()
}
