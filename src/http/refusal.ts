// Every reason for which a request is refused, and the one function that turns a reason into a status and a body.
import type { Context } from 'hono'
import { type ProblemDetails, type ServerStatus, serverProblem } from './problem.ts'
import type { TraceVariables } from './trace.ts'
import type { Errors } from './unknown-names.ts'

/** Why a request is refused. A closed union: `answerRefusal` does not compile unless it handles each. */
export type Reason =
  | { is: 'unauthenticated'; challenge: string }
  | { is: 'forbidden'; message: string }
  | { is: 'invalid'; errors: Errors }
  | { is: 'malformedJson' }
  | { is: 'badArgument'; message: string }
  | { is: 'notFound' }
  | { is: 'methodNotAllowed'; allow: readonly string[] }
  | { is: 'conflict'; message: string }
  | { is: 'duplicateKeys' }
  | { is: 'tooLarge' }
  | { is: 'unsupportedMediaType'; detail?: string }
  | { is: 'unknownId'; field: string; ids: readonly string[] }
  /** `retryAfter` in seconds, where more is known than that it may be soon. */
  | { is: 'unavailable'; detail: string; retryAfter?: number }
  | { is: 'failed' }
  | { is: 'notServing'; reasons: readonly string[] }

/** Thrown wherever a request cannot go on; the app's `onError` answers with its reason. */
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

/** 400, in the form that the real server has for an exception over an argument. */
export const badArgument = (message: string) => new Refusal({ is: 'badArgument', message })

/** 404 */
export const notFound = () => new Refusal({ is: 'notFound' })

/** 403 */
export const forbidden = (message: string) => new Refusal({ is: 'forbidden', message })

/** 409 */
export const conflict = (message: string) => new Refusal({ is: 'conflict', message })

/** Turns a reason into the response the real server gives, or is assumed to give. */
export function answerRefusal(c: Context, reason: Reason): Response {
  switch (reason.is) {
    case 'unauthenticated':
      return c.body(null, 401, { ...GUARDED, 'WWW-Authenticate': reason.challenge })
    case 'forbidden':
      return c.json({ errorMessage: reason.message }, 403, JSON_UTF8)
    case 'duplicateKeys':
      return c.body(null, 409, GUARDED)
    case 'conflict':
      return c.json({ errorMessage: reason.message }, 409, JSON_UTF8)
    case 'invalid':
      return problem(c, 400, { errors: reason.errors })
    case 'malformedJson':
      return problem(c, 400, { errors: { '': [MALFORMED_JSON] } })
    case 'unknownId':
      return answerRefusal(c, {
        is: 'invalid',
        errors: { [reason.field]: reason.ids.map((id) => `The value '${id}' is not valid.`) },
      })
    case 'badArgument':
      // Real server: this shape (captured error bodies).
      return c.json({ StatusCode: 400, StatusDescription: 'BadRequest', Message: reason.message }, 400, JSON_UTF8)
    // Assumed: the bodies of all that follow. Of a missing entity, clients say no more than that it was not found.
    case 'notFound':
      return problem(c, 404)
    case 'methodNotAllowed':
      c.header('Allow', reason.allow.join(', '))
      return problem(c, 405)
    case 'tooLarge':
      return problem(c, 413)
    case 'unsupportedMediaType':
      return problem(c, 415, reason.detail ? { detail: reason.detail } : {})
    case 'unavailable':
      c.header('Retry-After', String(reason.retryAfter ?? RETRY_AFTER))
      return problem(c, 503, { detail: reason.detail })
    case 'failed':
      return problem(c, 500)
    case 'notServing':
      return answerNotServing(reason.reasons)
  }
}

/** A problem where there is no context of the request yet. */
export const problemResponse = (status: ServerStatus, details?: ProblemDetails): Response =>
  new Response(serverProblem(status, details), { status, headers: PROBLEM })

/** 503: the deployment must not be run with its secrets or variables as they are; `reasons` say what is wrong with them. */
export const answerNotServing = (reasons: readonly string[]): Response =>
  problemResponse(503, { detail: `${reasons.join('; ')}.` })

export const MALFORMED_JSON = 'The request body is not valid JSON.'

/** On every answer: no cache keeps what a caller was told, and browsers do not guess another content type. */
export const GUARDED = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }

/** On every JSON answer. */
export const JSON_UTF8 = { 'Content-Type': 'application/json; charset=utf-8', ...GUARDED }

/** On every problem. */
export const PROBLEM = { 'Content-Type': 'application/problem+json; charset=utf-8', ...GUARDED }

/** When a client may try again, in seconds. Assumed. */
const RETRY_AFTER = '2'

const problem = (c: Context<{ Variables: TraceVariables }>, status: ServerStatus, details: ProblemDetails = {}) =>
  c.body(serverProblem(status, { ...details, traceId: c.get('traceparent') }), status, PROBLEM)
