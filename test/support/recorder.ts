// Looks at every answer that the Worker gives in a test file: it must be one that our OpenAPI document declares, with a body as
// declared. What was seen goes to the reporter, which at the end of a whole run knows what is declared and was never seen.
import { AsyncLocalStorage } from 'node:async_hooks'
import { app } from '../../src/app.ts'
import { ArmedRequest } from '../../src/control/effects/armed-request.ts'
import { Interception } from '../../src/database/request-effects.ts'
import embedded from '../../src/embedded/index.ts'
import { isControlUrl } from '../../src/http/path.ts'
import deployed from '../../src/index.ts'
import { objectionsOf, promisedFor } from './promises.ts'

/** A request under way. */
interface Looked {
  /** Whether a fault answers it, or spoils its answer: faults may answer anything. */
  atFault: boolean
}

const looked = new AsyncLocalStorage<Looked>()

/** Operation and status, as `Group_Delete 409`. */
export const seen = new Set<string>()

/** What was answered and is not declared. */
export const undeclared: string[] = []

type Fetch = typeof deployed.fetch

const watched =
  (inner: Fetch): Fetch =>
  (request, env, context) => {
    const mine = { atFault: false }
    return looked.run(mine, async () => {
      const response = await inner(request, env, context)
      if (!mine.atFault) await look(request, response, env)
      return response
    })
  }

async function look({ method, url }: Request, response: Response, env: Cloudflare.Env) {
  const plane = isControlUrl(url) && env.CONTROL_TOKEN ? 'control' : 'api'
  const path = plane === 'control' ? new URL(url).pathname : app.getPath(new Request(url))
  const promised = promisedFor(plane, method, path)
  if (!promised || method === 'OPTIONS') return
  const media = response.headers.get('Content-Type')?.split(';')[0] ?? ''
  const body = await response.clone().text()
  if (method !== 'HEAD') undeclared.push(...objectionsOf(promised, response.status, media, body))
  seen.add(`${promised.operationId} ${response.status}`)
}

let isWatching = false

/** Starts to look at all that the Worker answers. */
export function watch() {
  if (isWatching) return
  isWatching = true
  for (const worker of [deployed, embedded]) worker.fetch = watched(worker.fetch)
  const { enter } = ArmedRequest.prototype
  ArmedRequest.prototype.enter = async function (...given) {
    try {
      await enter.apply(this, given)
    } catch (error) {
      if (error instanceof Interception) spoil()
      throw error
    }
    if (this.mutilation) spoil()
  }
}

function spoil() {
  const request = looked.getStore()
  if (request) request.atFault = true
}
