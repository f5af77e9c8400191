// An answer of any status, in the shape the real server has for it.
import { JSON_UTF8, PROBLEM } from '../../http/refusal.ts'

/** Statuses whose answers have no body. */
const EMPTY = new Set([204, 205, 304, 401, 409])

/** What a client that is told to come again waits, unless told. In seconds. */
const RETRY_AFTER = '60'

export interface Override {
  /** Text as it is, anything else as JSON. Undefined: the real server's shape. */
  body?: unknown
  headers?: Record<string, string> | undefined
}

/** An answer of that status; 401, 429 and 503 have the headers that belong to them. */
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

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'An error occurred while processing your request.',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

function standardBody(status: number): string {
  if (EMPTY.has(status)) return ''
  if (status < 400) return '{}'
  if (status === 403) return JSON.stringify({ errorMessage: 'Forbidden' })
  return JSON.stringify({ type: 'about:blank', title: TITLES[status] ?? `Status ${status}`, status })
}
