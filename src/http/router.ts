// Hono's router with a memory of paths: finding the handlers of a path takes longer than most of what they do.
import type { Result, Router } from 'hono/router'
import { TrieRouter } from 'hono/router/trie-router'
import { rememberPaths } from './path-memory.ts'

/** Finds the handlers of a path once. Routes have to be complete before the first request, as with Hono's own routers. */
export class RememberingRouter<Handler> implements Router<Handler> {
  readonly name = 'RememberingRouter'
  readonly #routes = new TrieRouter<Handler>()
  readonly #find = rememberPaths((key): Result<Handler> => {
    const end = key.indexOf(' ')
    return this.#routes.match(key.slice(0, end), key.slice(end + 1))
  })

  add(method: string, path: string, handler: Handler): void {
    this.#routes.add(method, path, handler)
  }

  match(method: string, path: string): Result<Handler> {
    return this.#find(`${method} ${path}`)
  }
}
