// Holds requests back while a local start still makes the database ready. workerd listens from the beginning, since it starts
// meanwhile: without this, whoever calls as soon as the port is open would meet a database that is half migrated.
import type { Fetch } from '../http/edge.ts'
import { MemoryOfOne } from '../http/isolate-memory.ts'
import { START_TOKEN_HEADER } from '../http/start-token.ts'

const POLL_MS = 2

const ready = new MemoryOfOne<true>('ready')

/** Requests wait until one has come that carries START_TOKEN, which Node sends when the database is ready. */
export const holdBack =
  (inner: Fetch): Fetch =>
  (request, env, context) => {
    const { START_TOKEN } = env
    if (ready.value || !START_TOKEN) return inner(request, env, context)
    if (request.headers.get(START_TOKEN_HEADER) !== START_TOKEN) return waitFor(request, env, context)
    ready.value = true
    return new Response(null, { status: 204 })

    async function waitFor(...call: Parameters<Fetch>) {
      // By a timer, as in workerd a request cannot wait for a promise that another resolves.
      while (!ready.value) await scheduler.wait(POLL_MS)
      return inner(...call)
    }
  }
