// The end of a local start. workerd listens from the beginning, since it starts while Node migrates the database; requests wait until
// Node says that this is done. Without that, whoever calls as soon as the port is open would meet a database that is half made.
import type { JWK } from 'jose'
import { Database } from '../database/database.ts'
import type { Fetch } from '../http/edge.ts'
import { MemoryOfOne } from '../http/isolate-memory.ts'
import { START_TOKEN_HEADER } from '../http/start-token.ts'
import { findAnyPartition } from '../partitions/find-partition.ts'
import { plantDocumentedTenant } from '../seed/documented.ts'

const POLL_MS = 2

const ready = new MemoryOfOne<true>('ready')

/** Holds requests back until one has come that carries START_TOKEN and has made new databases ready. */
export const afterStart =
  (inner: Fetch): Fetch =>
  (request, env, context) => {
    const { START_TOKEN } = env
    if (ready.value || !START_TOKEN) return inner(request, env, context)
    return request.headers.get(START_TOKEN_HEADER) === START_TOKEN
      ? finishStart(request, env)
      : whenReady(() => inner(request, env, context))
  }

/** By a timer, as in workerd a request cannot wait for a promise that another resolves. */
async function whenReady(answer: () => ReturnType<Fetch>): Promise<Response> {
  while (!ready.value) await scheduler.wait(POLL_MS)
  return answer()
}

/** What the request brings. */
export interface Start {
  /** An RSA key for new databases, which Node generates meanwhile: here it would hold up everything else. */
  readonly signingKey?: JWK | undefined
}

/** Plants the documented organization unless there is a partition: a start before may have been killed when it had only migrated. */
async function finishStart(request: Request, env: Cloudflare.Env): Promise<Response> {
  try {
    const { signingKey }: Start = await request.json()
    if (!(await findAnyPartition(new Database(env.DB)))) await plantDocumentedTenant(env, signingKey)
    ready.value = true
    return new Response(null, { status: 204 })
  } catch (error) {
    return new Response(error instanceof Error ? error.message : String(error), { status: 500 })
  }
}
