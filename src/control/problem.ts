// How the control plane refuses requests: as problems in the plain form, with a sentence of what is wrong.
import type { Context } from 'hono'
import { plainProblem } from '../http/problem.ts'
import { answerRefusal, MALFORMED_JSON, PROBLEM, type Reason } from '../http/refusal.ts'
import type { Errors } from '../http/unknown-names.ts'

/** Thrown where a request of the control plane cannot go on; `detail` is the sentence that its caller reads. */
export class ControlProblem extends Error {
  readonly status: number

  constructor(status: number, detail: string) {
    super(detail)
    this.status = status
  }
}

/** Titles that are others than the real server's. */
const TITLES: Readonly<Record<number, string>> = {
  403: 'Forbidden',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
}

/** The problem of that status, with `detail` as the sentence of what is wrong. */
export const answerProblem = (status: number, detail: string, headers?: Record<string, string>): Response =>
  respond(status, { detail }, headers)

/** The answer to a request that failed for that reason. */
export function answerReason(c: Context, reason: Reason): Response {
  switch (reason.is) {
    case 'invalid':
      return answerInvalid(reason.errors)
    case 'malformedJson':
      return answerProblem(400, MALFORMED_JSON)
    case 'forbidden':
      return answerProblem(403, reason.message)
    case 'unavailable':
      if (reason.retryAfter !== undefined)
        return answerProblem(503, reason.detail, { 'Retry-After': String(reason.retryAfter) })
      return answerProblem(503, 'The database did not answer. A read tells what took place.', { 'Retry-After': '2' })
    case 'notServing':
      return answerProblem(503, sentence(reason.reasons.join('; ')))
    case 'failed':
      return answerProblem(500, 'The request could not be answered.')
    default:
      return answerRefusal(c, reason)
  }
}

const sentence = (text: string) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`

/** How many messages stand in the detail of a problem; its `errors` has all of them. */
const MAX_IN_DETAIL = 5

/** 400 with the messages by field in `errors`, and the first of them as text in `detail`. */
function answerInvalid(errors: Errors): Response {
  const messages = Object.entries(errors).flatMap(([field, found]) =>
    found.map((message) => (message.includes(field) ? message : `${field}: ${message}`)),
  )
  const more = messages.length > MAX_IN_DETAIL ? ` And ${messages.length - MAX_IN_DETAIL} more.` : ''
  return respond(400, { detail: `${messages.slice(0, MAX_IN_DETAIL).join(' ')}${more}`, errors })
}

const respond = (status: number, details: { detail: string; errors?: Errors }, headers = {}) =>
  new Response(plainProblem(status, { title: TITLES[status], ...details }), {
    status,
    headers: { ...PROBLEM, ...headers },
  })

/**
 * The refusal for a violated UNIQUE constraint: a name or a client that another tenant has. (A document that has two of the
 * same is refused before, by its sections.) Any other error is returned as it is.
 */
export function explainConstraint(error: unknown): unknown {
  const [, columns = ''] =
    /UNIQUE constraint failed: ([\w., ]+)/.exec(error instanceof Error ? error.message : '') ?? []
  if (columns === '') return error
  if (columns.includes('partitions.')) return new ControlProblem(409, 'There is a tenant of that name.')
  if (columns.includes('clients.')) {
    return new ControlProblem(409, 'There is a client of that id in the deployment. Leave the id out to be given one.')
  }
  return new ControlProblem(422, `The document has two of the same: ${columns}.`)
}
