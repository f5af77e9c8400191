// The answers of an operation: that of success, and those to what it may be refused for.
import type { Contract } from '../../../http/contract.ts'
import type { Reason } from '../../../http/refusal.ts'
import type { Components } from './components.ts'
import { refTo, type Schema } from './schema.ts'

export const JSON_TYPE = 'application/json'
const PROBLEM_TYPE = 'application/problem+json'

/** A status, and the body that a refusal has; none if it is empty. */
export interface Refused {
  readonly status: number
  readonly media?: string
  readonly component?: string
}

const problem = (status: number): Refused => ({ status, media: PROBLEM_TYPE, component: 'ProblemDetails' })
const invalid: Refused = { status: 400, media: PROBLEM_TYPE, component: 'ValidationProblemDetails' }
const message = (status: number): Refused => ({ status, media: JSON_TYPE, component: 'ErrorMessage' })

/** How the emulated API refuses, by the reason: what `answerRefusal` makes of it. */
export const REFUSED: Readonly<Record<Reason['is'], Refused>> = {
  invalid,
  malformedJson: invalid,
  unknownId: invalid,
  badArgument: { status: 400, media: JSON_TYPE, component: 'ArgumentError' },
  unauthenticated: { status: 401 },
  forbidden: message(403),
  notFound: problem(404),
  methodNotAllowed: problem(405),
  conflict: message(409),
  duplicateKeys: { status: 409 },
  tooLarge: problem(413),
  unsupportedMediaType: problem(415),
  failed: problem(500),
  unavailable: problem(503),
  notServing: problem(503),
}

/** What any request may be refused for: a URL that is too long, a foreign host, a failure, an outage. */
export const ANY_REQUEST = [414, 421, 500, 503]

/** The refusals that have one form in all of the emulated API. */
export const SHARED: readonly Refused[] = [
  ...[REFUSED.unauthenticated, REFUSED.forbidden, REFUSED.notFound, REFUSED.tooLarge, REFUSED.unsupportedMediaType],
  ...ANY_REQUEST.map(problem),
]

const MEANING: Readonly<Record<number, string>> = {
  200: 'It took place.',
  201: 'It was created.',
  204: 'It took place.',
  400: 'The request is malformed, or names an id that is neither a GUID nor known.',
  401: 'There is no token, or none that holds.',
  403: 'The token has none of the scopes, or its bearer may not do this here.',
  404: 'There is nothing of that id.',
  408: 'It did not happen in the time that was given.',
  409: 'A name or an id is taken, or what is built in would change.',
  413: 'The body is too large.',
  414: 'The URL is too long.',
  415: 'The body is not called JSON, or is in an encoding that is not read.',
  421: 'The host is none that a local run answers to.',
  422: 'The document contradicts itself.',
  429: 'There were too many such requests. `Retry-After` says in how many seconds to try again.',
  500: 'The server failed.',
  503: 'The database did not answer, or the deployment is not fit to serve. `Retry-After` says in how many seconds to try again.',
}

export interface Answer {
  description: string
  headers?: Record<string, { description: string; schema: Schema }>
  content?: Record<string, { schema: Schema }>
}

const HEADERS: Readonly<Record<number, string>> = { 401: 'WWW-Authenticate', 429: 'Retry-After', 503: 'Retry-After' }

/** Answers by status, which several refusals may share. */
export class Answers {
  readonly #byStatus = new Map<number, Answer>()
  readonly #shared: Readonly<Record<string, Answer>>

  /** @param shared what the document has in one place, by status */
  constructor(shared: Readonly<Record<string, Answer>> = {}) {
    this.#shared = shared
  }

  add(status: number, media?: string, schema?: Schema) {
    const answer = this.#byStatus.get(status) ?? { description: MEANING[status] ?? '' }
    this.#byStatus.set(status, answer)
    const header = HEADERS[status]
    if (header) answer.headers = { [header]: { description: 'As its RFC has it.', schema: { type: 'string' } } }
    if (!media || !schema) return
    const before = answer.content?.[media]?.schema
    answer.content = { ...answer.content, [media]: { schema: before ? either(before, schema) : schema } }
  }

  refuse({ status, media, component }: Refused) {
    this.add(status, media, component === undefined ? undefined : refTo(component))
  }

  #isShared = (status: number, answer: Answer) => JSON.stringify(this.#shared[status]) === JSON.stringify(answer)

  inline(): ReadonlyMap<number, Answer> {
    return this.#byStatus
  }

  /** By status. Those that are the same everywhere are references. */
  all(): Record<string, Answer | { $ref: string }> {
    const sorted = [...this.#byStatus].sort(([a], [b]) => a - b)
    return Object.fromEntries(
      sorted.map(([status, answer]) => [
        status,
        this.#isShared(status, answer) ? { $ref: refusalRef(status) } : answer,
      ]),
    )
  }
}

const refusalRef = (status: number) => `#/components/responses/Refusal${status}`

/** The refusals that have one form in the whole document, by status. */
export function sharedAnswers(refusals: readonly Refused[]): Record<string, Answer> {
  const answers = new Answers()
  for (const refused of refusals) answers.refuse(refused)
  return Object.fromEntries([...answers.inline()])
}

function either(one: Schema, other: Schema): Schema {
  const all = [...(one.anyOf ?? [one]), other]
  const different = [...new Map(all.map((schema) => [JSON.stringify(schema), schema])).values()]
  const [only] = different
  return different.length === 1 && only ? only : { anyOf: different }
}

/** The answers of an operation of the emulated API. */
export function answersOf(contract: Contract, components: Components, shared: Readonly<Record<string, Answer>>) {
  const answers = new Answers(shared)
  addOwn(answers, contract, components)
  for (const reason of contract.refusals ?? []) answers.refuse(REFUSED[reason])
  for (const status of ANY_REQUEST) answers.refuse(problem(status))
  return answers.all()
}

/** Adds the answer of success, and those that the handler itself gives. */
export function addOwn(answers: Answers, contract: Contract, components: Components) {
  const { answer, media = JSON_TYPE, status = answer ? 200 : 204, bodiless = [], otherMedia } = contract
  answers.add(status, media, answer && components.of(answer, 'output'))
  if (otherMedia !== undefined) answers.add(status, otherMedia, { type: 'string' })
  for (const other of bodiless) answers.add(other)
  for (const [other, body] of Object.entries(contract.answers ?? {})) {
    answers.add(Number(other), JSON_TYPE, components.of(body, 'output'))
  }
}
