// Calls to the control plane of one deployment or local run. What they mean is for others to know.
import { exchange } from './exchange.ts'

/** The control plane refused. `status` 401 means that the control token is wrong, 404 also that there is no control plane. */
export class ControlError extends Error {
  override readonly name = 'ControlError'
  readonly status: number
  /** The problem as it was answered (RFC 9457), or the text of an answer that was none. */
  readonly problem: unknown

  constructor(status: number, problem: unknown, call: string) {
    super(`${call} answered ${status}: ${describe(problem)}`)
    this.status = status
    this.problem = problem
  }
}

interface Call {
  body?: unknown
  query?: Readonly<Record<string, string | number | undefined>>
  signal?: AbortSignal | undefined
}

export class ControlClient {
  /** Where the tenants are, without a slash at the end. */
  readonly origin: string
  readonly #token: string

  constructor(url: string, controlToken: string) {
    this.origin = url.replace(/\/+$/, '')
    this.#token = controlToken
  }

  /**
   * The parsed answer; undefined when there is no body. It is taken for what the contract says it is.
   * @throws ControlError for every status from 400
   */
  async call<Answer = void>(method: string, path: string, { body, query = {}, signal }: Call = {}): Promise<Answer> {
    const url = new URL(`${this.origin}/_control${path}`)
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value))
    }
    const headers = {
      authorization: `Bearer ${this.#token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    const text = body === undefined ? undefined : JSON.stringify(body)
    const response = await exchange(url, { method, headers, body: text, signal })
    const answer = parse(response.body)
    if (response.status >= 400) throw new ControlError(response.status, answer, `${method} ${url.pathname}`)
    return answer
  }
}

/** The path of a tenant, or of what belongs to it. */
export const tenantPath = (tenant: string, ...rest: readonly string[]) =>
  ['/tenants', tenant, ...rest].map((part, index) => (index === 0 ? part : encodeURIComponent(part))).join('/')

/** Undefined for whatever the control plane has not got. */
export async function unlessAbsent<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ControlError && error.status === 404) return undefined
    throw error
  }
}

function parse(text: string) {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function describe(problem: unknown): string {
  if (typeof problem !== 'object' || problem === null) return String(problem ?? 'nothing').slice(0, 300)
  const { title, detail, errors } = { title: undefined, detail: undefined, errors: undefined, ...problem }
  // A detail says in words what stands in `errors` field by field.
  const said = detail ?? [title, errors && JSON.stringify(errors)].filter(Boolean).join(' ')
  return said || JSON.stringify(problem).slice(0, 300)
}
