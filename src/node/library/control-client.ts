// HTTP calls to the control plane of one server. Knows its token and how it refuses, not its resources.
import { codeOf } from '../error-details.ts'
import { exchange } from './exchange.ts'

/**
 * The control plane refused a call. Its message names the call, the status and the reason.
 *
 * @example
 * ```ts
 * try {
 *   await tenant.restore('unknown')
 * } catch (error) {
 *   if (error instanceof ControlError && error.status === 404) console.log('no such snapshot')
 *   else throw error
 * }
 * ```
 */
export class ControlError extends Error {
  /** `ControlError`. Where `instanceof` fails because a test runner loads modules twice, this tells the class. */
  override readonly name = 'ControlError'
  /**
   * The answer's status. 401 means that the control token is wrong; 404 may also mean that the server has no control plane.
   */
  readonly status: number
  /** The answer's body: a problem as in RFC 9457, or a string when it was not JSON. */
  readonly problem: unknown

  /** Thrown by the library; tests need not make one. */
  constructor(status: number, problem: unknown, call: string) {
    super(`${call} answered ${status}: ${describe(problem)}`)
    this.status = status
    this.problem = problem
  }
}

/** Nothing listens where the control plane should be. It has the `code` of the connection's error. */
export class NothingRuns extends Error {
  override readonly name = 'NothingRuns'
  readonly code = 'ECONNREFUSED'

  constructor(origin: string, cause: unknown) {
    super(`nothing runs at ${origin}`, { cause })
  }
}

interface Call {
  body?: unknown
  query?: Readonly<Record<string, string | number | boolean | undefined>>
  signal?: AbortSignal | undefined
}

/** A client of one control plane. */
export class ControlClient {
  /** The server's origin, without a slash at the end. */
  readonly origin: string
  /** The certificate that a local server over https has for itself. */
  readonly certificate: string | undefined
  /** The server's `CONTROL_TOKEN`. */
  readonly token: string
  readonly #server: ControlClient | undefined
  #ended: string | undefined

  /**
   * @param url the server's origin
   * @param certificate what it is to be trusted by over https, as PEM; by default an authority that Node knows
   * @param server the client that this one ends with
   */
  constructor(url: string, controlToken: string, certificate?: string, server?: ControlClient) {
    this.origin = url.replace(/\/+$/, '')
    this.token = controlToken
    this.certificate = certificate
    this.#server = server
  }

  /** A client of the same control plane that can be ended alone, and ends with this one. */
  forTenant(): ControlClient {
    return new ControlClient(this.origin, this.token, this.certificate, this)
  }

  /** From now on calls are refused for that reason, without being sent. */
  end(reason: string): void {
    this.#ended = reason
  }

  /** Why no call is sent any more; undefined while calls are. */
  get ended(): string | undefined {
    return this.#server?.ended ?? this.#ended
  }

  /**
   * Sends a request and returns the parsed JSON answer; undefined when it has no body. The caller states the answer's type,
   * which is not checked here.
   * @throws ControlError for every status from 400
   * @throws Error when its tenant or server was stopped by this process, or nothing runs there
   */
  async call<Answer = void>(method: string, path: string, { body, query = {}, signal }: Call = {}): Promise<Answer> {
    if (this.ended !== undefined) throw new Error(this.ended)
    const url = new URL(`${this.origin}/_control${path}`)
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value))
    }
    const headers = {
      authorization: `Bearer ${this.token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    const text = body === undefined ? undefined : JSON.stringify(body)
    const response = await exchange(url, { method, headers, body: text, signal, ca: this.certificate }).catch(
      (error: unknown) => {
        throw codeOf(error) === 'ECONNREFUSED' ? new NothingRuns(this.origin, error) : error
      },
    )
    const answer = parse(response.body)
    if (response.status >= 400) throw new ControlError(response.status, answer, `${method} ${url.pathname}`)
    return answer
  }
}

/** `localhost:8787` is a URL too, of the scheme `localhost`. */
export const isHttpUrl = (url: string) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)

/** The path of a tenant, or of a resource below it, with each part percent-encoded. */
export const tenantPath = (tenant: string, ...rest: readonly string[]) =>
  ['/tenants', tenant, ...rest].map((part, index) => (index === 0 ? part : encodeURIComponent(part))).join('/')

/** The answer; undefined when the control plane answers 404. */
export async function undefinedIfAbsent<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
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
  // `detail` is the text of `errors`, so that it is enough where it is given.
  const said = detail ?? [title, errors && JSON.stringify(errors)].filter(Boolean).join(' ')
  return said || JSON.stringify(problem).slice(0, 300)
}
