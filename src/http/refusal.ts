// Every way in which a request is refused, and the one place where a reason becomes a status and a body.
import type { Context } from 'hono'
import { newTrace, type TraceVariables } from './trace.ts'

/** Why a request is refused. The list is closed: `answerRefusal` knows each. */
export type Reason =
  | { is: 'unauthenticated'; challenge: string }
  | { is: 'forbidden'; message: string }
  | { is: 'invalid'; errors: Record<string, string[]> }
  | { is: 'badArgument'; message: string }
  | { is: 'notFound' }
  | { is: 'methodNotAllowed'; allow: readonly string[] }
  | { is: 'conflict'; message?: string }
  | { is: 'tooLarge' }
  | { is: 'unsupportedMediaType' }
  | { is: 'unavailable'; detail: string }
  | { is: 'failed' }
  | { is: 'notServing'; reasons: readonly string[] }

/** Thrown wherever a request cannot go on; `app.onError` renders it. */
export class Refusal extends Error {
  readonly reason: Reason

  constructor(reason: Reason) {
    super(reason.is)
    this.reason = reason
  }
}

/** 400: the input named by `field` is not acceptable. */
export const invalid = (field: string, message: string) =>
  new Refusal({ is: 'invalid', errors: { [field]: [message] } })

/** What a schema says against a value, in the words ASP.NET Core's model binding uses. */
export const notValid = ({ input }: { input?: unknown }) => `The value '${input}' is not valid.`

/** 400, in those words. */
export const invalidValue = (field: string, value: string) => invalid(field, notValid({ input: value }))

/** 400, in the shape of an exception over an argument. */
export const badArgument = (message: string) => new Refusal({ is: 'badArgument', message })

/** 404 */
export const notFound = () => new Refusal({ is: 'notFound' })

/** 403 */
export const forbidden = (message: string) => new Refusal({ is: 'forbidden', message })

/** 409. Without a message the body is empty. */
export const conflict = (message?: string) =>
  new Refusal(message === undefined ? { is: 'conflict' } : { is: 'conflict', message })

/** Turns a reason into the response the real server gives, or is assumed to give. */
export function answerRefusal(c: Context, reason: Reason): Response {
  switch (reason.is) {
    case 'unauthenticated':
      return c.body(null, 401, { ...GUARDED, 'WWW-Authenticate': reason.challenge })
    case 'forbidden':
      return c.json({ errorMessage: reason.message }, 403, JSON_UTF8)
    case 'conflict':
      if (reason.message === undefined) return c.body(null, 409, GUARDED)
      return c.json({ errorMessage: reason.message }, 409, JSON_UTF8)
    case 'invalid':
      return problem(c, 400, '15.5.1', 'One or more validation errors occurred.', { errors: reason.errors })
    case 'badArgument':
      // Real server: this shape (captured error bodies).
      return c.json({ StatusCode: 400, StatusDescription: 'BadRequest', Message: reason.message }, 400, JSON_UTF8)
    case 'notFound':
      return problem(c, 404, '15.5.5', 'Not Found')
    case 'methodNotAllowed':
      c.header('Allow', reason.allow.join(', '))
      return problem(c, 405, '15.5.6', 'Method Not Allowed')
    case 'tooLarge':
      return problem(c, 413, '15.5.14', 'Payload Too Large')
    case 'unsupportedMediaType':
      return problem(c, 415, '15.5.16', 'Unsupported Media Type')
    case 'unavailable':
      c.header('Retry-After', RETRY_AFTER)
      return problem(c, 503, '15.6.4', 'Service Unavailable', { detail: reason.detail })
    case 'failed':
      return problem(c, 500, '15.6.1', 'An error occurred while processing your request.')
    case 'notServing':
      return answerNotServing(reason.reasons)
  }
}

/** 503: the deployment is not fit to serve, and `reasons` say why. */
export const answerNotServing = (reasons: readonly string[]): Response =>
  new Response(
    problemBody({ status: 503, section: '15.6.4', title: 'Service Unavailable', detail: `${reasons.join('; ')}.` }),
    { status: 503, headers: PROBLEM },
  )

/** On every answer: what a caller was told is kept by no cache, and is taken for nothing but what it says it is. */
export const GUARDED = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }

/** On every JSON answer. */
export const JSON_UTF8 = { 'Content-Type': 'application/json; charset=utf-8', ...GUARDED }

/** On every problem. */
export const PROBLEM = { 'Content-Type': 'application/problem+json; charset=utf-8', ...GUARDED }

/** When to come back, in seconds. Assumed. */
const RETRY_AFTER = '2'

interface Problem {
  status: 400 | 404 | 405 | 413 | 414 | 415 | 500 | 503
  /** Of RFC 9110. */
  section: string
  title: string
  errors?: Record<string, string[]>
  detail?: string
  /** The W3C trace context of the request, where it has one. */
  traceId?: string | undefined
}

// Real server: key order errors, type, title, status, traceId (captured error bodies).
/** A problem as JSON. */
export function problemBody({ status, section, title, errors, detail, traceId }: Problem): string {
  const type = `https://tools.ietf.org/html/rfc9110#section-${section}`
  return JSON.stringify({ errors, type, title, status, detail, traceId: traceId ?? newTrace('00') })
}

const problem = (
  c: Context<{ Variables: TraceVariables }>,
  status: Problem['status'],
  section: string,
  title: string,
  more: Pick<Problem, 'errors' | 'detail'> = {},
) => c.body(problemBody({ status, section, title, ...more, traceId: c.var.traceparent }), status, PROBLEM)
