// Hono's router with a memory of paths: finding the handlers of a path takes longer than most of what they do, and clients ask for
// few paths again and again.
import type { Result, Router } from 'hono/router'
import { TrieRouter } from 'hono/router/trie-router'
import { BoundedMap } from './bounded-map.ts'

const MAX_PATHS = 1000

/** Longer paths are not remembered. In characters. */
const MAX_LENGTH = 256

/** Finds the handlers of a path once. Routes have to be complete before the first request, as with Hono's own routers. */
export class RememberingRouter<Handler> implements Router<Handler> {
  readonly name = 'RememberingRouter'
  readonly #routes = new TrieRouter<Handler>()
  readonly #found = new BoundedMap<string, Result<Handler>>({ entries: MAX_PATHS })

  add(method: string, path: string, handler: Handler): void {
    this.#routes.add(method, path, handler)
  }

  match(method: string, path: string): Result<Handler> {
    if (path.length > MAX_LENGTH) return this.#routes.match(method, path)
    const key = `${method} ${path}`
    const known = this.#found.get(key)
    if (known) return known
    const result = this.#routes.match(method, path)
    this.#found.set(key, result)
    return result
  }
}
