// What the tests' own plane refuses, as RFC 9457 problems.
import { PROBLEM } from '../http/refusal.ts'
import type { Errors } from '../http/unknown-names.ts'

/** Thrown for a request that cannot go on. */
export class ControlProblem extends Error {
  readonly status: number

  constructor(status: number, detail: string) {
    super(detail)
    this.status = status
  }
}

const TITLES: Record<number, string> = {
  401: 'Unauthorized',
  404: 'Not Found',
  408: 'Request Timeout',
  409: 'Conflict',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** The answer for a problem. */
export function answerProblem(status: number, detail: string, headers: Record<string, string> = {}): Response {
  return answerBody({ status, detail }, headers)
}

/** How many of several objections stand in the detail; `errors` has all. */
const TOLD = 5

/** The answer for what is not valid: `errors` says what there is to say of each field, and `detail` says it in words. */
export function answerInvalid(errors: Errors): Response {
  const said = Object.entries(errors).flatMap(([field, messages]) =>
    messages.map((message) => (message.includes(field) ? message : `${field}: ${message}`)),
  )
  const more = said.length > TOLD ? ` And ${said.length - TOLD} more.` : ''
  return answerBody({ status: 400, detail: `${said.slice(0, TOLD).join(' ')}${more}`, errors })
}

function answerBody({ status, ...rest }: { status: number; detail: string; errors?: Errors }, headers = {}) {
  const body = { type: 'about:blank', title: TITLES[status] ?? 'Bad Request', status, ...rest }
  return new Response(JSON.stringify(body), { status, headers: { ...PROBLEM, ...headers } })
}

/**
 * The refusal for a violated UNIQUE constraint: a name or a client that another tenant has, or a document that has two of
 * the same. Any other error is returned as it is.
 */
export function explainConstraint(error: unknown): unknown {
  const [, columns = ''] =
    /UNIQUE constraint failed: ([\w., ]+)/.exec(error instanceof Error ? error.message : '') ?? []
  if (columns === '') return error
  if (columns.includes('partitions.')) return new ControlProblem(409, 'There is a tenant of that name.')
  if (columns.includes('clients.')) {
    return new ControlProblem(409, 'A client of that id is another tenant’s. Leave the id out to be given one.')
  }
  return new ControlProblem(422, `The document has two of the same: ${columns}.`)
}
