// The contract of each operation, collected from the middleware of its route. The OpenAPI document, the endpoint table, the
// laws that tests hold every operation to, and the names of faults derive from it.
import type { Context, Hono } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { $ZodType } from 'zod/v4/core'
import type { Reason } from './refusal.ts'

/** One endpoint: a method and a path, and the contract that the middleware of its route attach to it. */
export interface Operation {
  readonly method: string
  readonly path: string
  readonly contract: Contract
}

export interface Contract {
  /** The operation's name in the vendor's OpenAPI document, where it has one. */
  readonly operationId: string
  readonly summary: string
  /** The body of a successful answer; none where that is 204. */
  readonly answer?: $ZodType
  /** The status of a successful answer, where it is not 200 with a body and 204 without. */
  readonly status?: 200 | 201 | 302
  /** Whether browsers are what it answers: with a page, or by sending them elsewhere. */
  readonly page?: boolean
  /** Scopes of which a token needs any one. Empty: any token is accepted. Left out: the operation needs no token. */
  readonly scopes?: readonly string[]
  /**
   * How a caller proves itself, where that is no token that opens by its scopes: as a client, by its secret; or as a user,
   * by a token with `openid`. Refusals are then the token service's, not the API's.
   */
  readonly proof?: 'client' | 'openid'
  /** The roles (auth/roles.ts) that may call it, where a token is needed. */
  readonly callers?: readonly string[]
  /** The property of the request with the id of the user it is about, where users may call it for themselves. */
  readonly owner?: string
  /** Of the control plane: the least of the keys that may call it (control/access/caller.ts). Left out: root. */
  readonly key?: 'root' | 'team' | 'tenant'
  /** Where the behaviour is known from, unless it is the vendor's documents. */
  readonly evidence?: string
  /** What its middleware and its handler refuse it for, beside what any request may be refused for. */
  readonly refusals?: readonly Reason['is'][]
  /** Statuses of the problems that its handler raises, in the control plane, which words its own. */
  readonly problems?: readonly number[]
  /** Bodies that the handler sends itself under other statuses than that of success, by status. */
  readonly answers?: Readonly<Record<number, $ZodType>>
  /** Statuses that the handler sends itself without a body. */
  readonly bodiless?: readonly number[]
  /** The media type of a successful answer, where it is no JSON. */
  readonly media?: string
  /** The media type of a text in which a client may have the successful answer instead. */
  readonly otherMedia?: string
  readonly param?: $ZodType
  readonly query?: $ZodType
  readonly json?: $ZodType
  readonly form?: $ZodType
}

/** What each middleware or handler contributes to its operation's contract. */
const parts = new WeakMap<object, Partial<Contract>>()

/** Attaches to a middleware or handler what it contributes to the contract of every operation it stands on. */
export function attach<Handler extends object>(part: Partial<Contract>, handler: Handler): Handler {
  parts.set(handler, part)
  return handler
}

/** The part of a contract that says nothing of tokens and callers. */
export type Description = Pick<
  Contract,
  | 'operationId'
  | 'summary'
  | 'answer'
  | 'status'
  | 'page'
  | 'form'
  | 'evidence'
  | 'proof'
  | 'refusals'
  | 'problems'
  | 'answers'
  | 'bodiless'
  | 'media'
  | 'key'
  | 'otherMedia'
>

/**
 * Attaches its contract to the handler of an operation that needs no token.
 *
 * @example
 * .get('/health', describe({ operationId: 'Health', summary: '…', answer: Health }, (c) => ok(c, { status: 'ok' })))
 */
export const describe = <Handler extends object>(contract: Description, handler: Handler): Handler =>
  attach(contract, handler)

/** Every described operation of `app`, in the order of registration. */
export function operations(app: Pick<Hono, 'routes'>): Operation[] {
  const found = new Map<string, { method: string; path: string; contract: Partial<Contract> }>()
  for (const { method, path, handler } of app.routes) {
    const part = parts.get(handler)
    if (!part) continue
    const key = `${method} ${path}`
    found.set(key, { method, path, contract: joined(found.get(key)?.contract, part) })
  }
  return [...found.values()].flatMap(({ method, path, contract }) => {
    const { operationId, summary } = contract
    return operationId && summary ? [{ method, path, contract: { ...contract, operationId, summary } }] : []
  })
}

/** A later part goes before an earlier one, and refusals add up. */
const joined = (before: Partial<Contract> = {}, part: Partial<Contract>): Partial<Contract> => ({
  ...before,
  ...part,
  refusals: [...new Set([...(before.refusals ?? []), ...(part.refusals ?? [])])],
})

/** The name of the operation that a request was routed to, if there is one. */
export const matchedOperation = (c: Context): string | undefined =>
  matchedRoutes(c).reduce<string | undefined>(
    (found, { handler }) => parts.get(handler)?.operationId ?? found,
    undefined,
  )

/** The whole contract of the route that a request was matched to; undefined where there is no such route. */
export function matchedContract(c: Context): Partial<Contract> | undefined {
  const routes = matchedRoutes(c)
  if (routes.every(({ method }) => method === 'ALL')) return undefined
  return Object.assign({}, ...routes.map(({ handler }) => parts.get(handler)))
}
