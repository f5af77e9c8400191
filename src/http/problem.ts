// Problem bodies (RFC 9457): in the real server's form for the API, in the plain form for the control plane and its faults.
import { newTrace } from './trace.ts'
import type { Errors } from './unknown-names.ts'

/** Titles of statuses, in both forms unless {@link SERVER_FORMS} has another. */
const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'An error occurred while processing your request.',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

const titleOf = (status: number) => TITLES[status] ?? `Status ${status}`

/** The section of RFC 9110 that `type` links to, and the title where it is not the common one. */
const SERVER_FORMS = {
  400: { section: '15.5.1', title: 'One or more validation errors occurred.' },
  404: { section: '15.5.5', title: undefined },
  405: { section: '15.5.6', title: undefined },
  413: { section: '15.5.14', title: undefined },
  414: { section: '15.5.15', title: 'URI Too Long' },
  415: { section: '15.5.16', title: undefined },
  421: { section: '15.5.20', title: 'Misdirected Request' },
  500: { section: '15.6.1', title: undefined },
  503: { section: '15.6.4', title: undefined },
} as const

export type ServerStatus = keyof typeof SERVER_FORMS

export interface ProblemDetails {
  errors?: Errors
  detail?: string
  /** The W3C trace context of the request; made up where it has none. */
  traceId?: string | undefined
}

// Real server: key order errors, type, title, status, traceId (captured error bodies).
/**
 * A problem as the real server writes it.
 *
 * @example
 * serverProblem(404) // {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.5","title":"Not Found","status":404,"traceId":"00-…"}
 */
export function serverProblem(status: ServerStatus, { errors, detail, traceId }: ProblemDetails = {}): string {
  const { section, title = titleOf(status) } = SERVER_FORMS[status]
  const type = `https://tools.ietf.org/html/rfc9110#section-${section}`
  return JSON.stringify({ errors, type, title, status, detail, traceId: traceId ?? newTrace('00') })
}

interface PlainDetails {
  title?: string | undefined
  detail?: string
  errors?: Errors
}

/**
 * A problem without a type of its own.
 *
 * @example
 * plainProblem(404, { detail: 'There is no such tenant.' })
 */
export const plainProblem = (status: number, { title = titleOf(status), ...rest }: PlainDetails = {}): string =>
  JSON.stringify({ type: 'about:blank', title, status, ...rest })
