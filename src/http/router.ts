// Hono's router with a memory of what paths look like: finding the handlers of a path takes longer than most of what they do.
import type { ParamIndexMap, Result, Router } from 'hono/router'
import { TrieRouter } from 'hono/router/trie-router'
import { rememberPaths } from './path-memory.ts'

/** What a segment of a route's path may not have: by its text, a request's segment would be matched or not. */
const BY_TEXT = /[{?]|[^/]\*/

/**
 * Finds the handlers of paths that differ in their parameters alone once: each test asks for those of a tenant of its own. Routes
 * have to be complete before the first request, as with Hono's own routers.
 */
export class RememberingRouter<Handler> implements Router<Handler> {
  readonly name = 'RememberingRouter'
  readonly #routes = new TrieRouter<Handler>()
  /** Every segment of a route that is no parameter. */
  readonly #literals = new Set<string>()
  readonly #find = rememberPaths((key) => this.#handlersOf(key))

  /** @throws Error for a path with a parameter that takes only some segments, or a wildcard for a part of one */
  add(method: string, path: string, handler: Handler): void {
    if (BY_TEXT.test(path)) throw new Error(`${path} has a segment that takes only some texts`)
    for (const segment of path.split('/')) if (!segment.startsWith(':')) this.#literals.add(segment)
    this.#routes.add(method, path, handler)
  }

  match(method: string, path: string): Result<Handler> {
    const segments = path.split('/')
    const shape = segments.map((segment, index) => (this.#literals.has(segment) ? segment : `:${index}`)).join('/')
    // In Hono's form of a regular expression's match: the parameters of a handler as indices in a list of texts.
    return [this.#find(`${method} ${shape}`), segments]
  }

  #handlersOf(key: string): [Handler, ParamIndexMap][] {
    const end = key.indexOf(' ')
    const shape = key.slice(end + 1)
    const segments = shape.split('/')
    const [handlers] = this.#routes.match(key.slice(0, end), shape)
    return handlers.map(([handler, params]) => [
      handler,
      // A parameter's value is a segment of the shape. If several have the same text, it is that of all of them in every such path.
      Object.fromEntries(Object.entries(params).map(([name, value]) => [name, segments.indexOf(`${value}`)])),
    ])
  }
}
