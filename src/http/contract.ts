// What each endpoint promises, read off its own chain: the laws and the OpenAPI document derive from it.
import type { Context, Hono } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { $ZodType } from 'zod/v4/core'

/** One endpoint: a method and a path, and what its links say of it. */
export interface Operation {
  readonly method: string
  readonly path: string
  readonly contract: Contract
}

export interface Contract {
  /** The operation's name in the vendor's OpenAPI document, where it has one. */
  readonly operationId: string
  readonly summary: string
  /** Body of the answer to a request that worked; none where that is 204. */
  readonly answer?: $ZodType
  /** Status of that answer where it is not 200 or 204. */
  readonly status?: 200 | 201
  /** Scopes of which a token needs any one; empty: any token will do; none: no token is needed. */
  readonly scopes?: readonly string[]
  /** The roles that may call it, where a token is needed. */
  readonly callers?: readonly string[]
  /** The property of the request that has the id of the user it is about, where that user may call for itself. */
  readonly owner?: string
  /** Where the behaviour is known from, unless it is the vendor's documents. */
  readonly evidence?: string
  readonly param?: $ZodType
  readonly query?: $ZodType
  readonly json?: $ZodType
  readonly form?: $ZodType
}

const parts = new WeakMap<object, Partial<Contract>>()

/** Notes on a link of the chain what it contributes to its operation's contract. */
export function attach<Link extends object>(part: Partial<Contract>, link: Link): Link {
  parts.set(link, part)
  return link
}

/** What an operation's first link says of it, whoever may call it. */
export type Description = Pick<Contract, 'operationId' | 'summary' | 'answer' | 'status' | 'form' | 'evidence'>

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
    found.set(key, { method, path, contract: { ...found.get(key)?.contract, ...part } })
  }
  return [...found.values()].flatMap(({ method, path, contract }) => {
    const { operationId, summary } = contract
    return operationId && summary ? [{ method, path, contract: { ...contract, operationId, summary } }] : []
  })
}

/** The name of the operation a request was matched to, if it was to one. */
export const matchedOperation = (c: Context): string | undefined =>
  matchedRoutes(c).reduce<string | undefined>(
    (found, { handler }) => parts.get(handler)?.operationId ?? found,
    undefined,
  )

/** What the links of the route a request was matched to say together; undefined where none answers there. */
export function matchedContract(c: Context): Partial<Contract> | undefined {
  const routes = matchedRoutes(c)
  if (routes.every(({ method }) => method === 'ALL')) return undefined
  return Object.assign({}, ...routes.map(({ handler }) => parts.get(handler)))
}
