// The answers that faults give: of any status, in the form that the real server is known to have for it.
import { plainProblem } from '../../http/problem.ts'
import { JSON_UTF8, PROBLEM } from '../../http/refusal.ts'

/** Statuses with which the real server sends no body. */
const WITHOUT_BODY = new Set([204, 205, 304, 401, 409])

/** The Retry-After of a 429 or 503 for which the fault names none. In seconds. */
const RETRY_AFTER = '60'

/** What an answer has in place of the real server's. */
export interface Override {
  /** A text is sent as it is, anything else as JSON. */
  body?: unknown
  headers?: Record<string, string> | undefined
}

/**
 * An answer of that status: 401 with WWW-Authenticate, 429 and 503 with Retry-After.
 *
 * @example
 * statusAnswer(429, { headers: { 'Retry-After': '5' } })
 */
export function statusAnswer(status: number, { body, headers = {} }: Override = {}): Response {
  const text = body === undefined ? standardBody(status) : typeof body === 'string' ? body : JSON.stringify(body)
  const empty = text === '' || status === 204 || status === 205 || status === 304
  const all = new Headers({
    ...(status === 401 && { 'WWW-Authenticate': 'Bearer' }),
    ...((status === 429 || status === 503) && { 'Retry-After': RETRY_AFTER }),
    ...(!empty && (status < 400 || status === 403 ? JSON_UTF8 : PROBLEM)),
  })
  for (const [name, value] of Object.entries(headers)) all.set(name, value)
  return new Response(empty ? null : text, { status, headers: all })
}

function standardBody(status: number): string {
  if (WITHOUT_BODY.has(status)) return ''
  if (status < 400) return '{}'
  if (status === 403) return JSON.stringify({ errorMessage: 'Forbidden' })
  return plainProblem(status)
}
