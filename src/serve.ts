// Dispatches requests to the emulated API or to the control plane; the same for deployments and local runs.
import { app } from './app.ts'
import { consolePage } from './control/console.ts'
import { controlApp } from './control/control.app.ts'
import { removeStaleGrants } from './grants/remove-stale-grants.ts'
import type { Fetch } from './http/edge.ts'
import { isLocalRun } from './http/local-run.ts'
import { CONTROL_PATH, isControlUrl, originOf } from './http/path.ts'
import { answerNotServing } from './http/refusal.ts'
import { refusesToServe } from './secrets/refuses-to-serve.ts'

/** Answers a request; with 503 if the deployment's secrets are unfit (secrets/refuses-to-serve.ts). */
export const serve: Fetch = (request, env, context) => {
  const reasons = refusesToServe(env)
  if (reasons.length > 0) return answerNotServing(reasons)
  // Without a control token nobody could be allowed in: there is no control plane, and its paths are 404 like any others.
  const plane = env.CONTROL_TOKEN && isControlUrl(request.url) ? controlApp : app
  if (env.CONTROL_TOKEN && isLocalRun(env) && asksForPage(request)) return consolePage({ env }, 'index.html')
  return plane.fetch(request, env, context)
}

/** Whether a browser asks for `/`. In a deployment that stays what it is: the console stands at `/_control/`. */
const asksForPage = ({ method, url, headers }: Request) =>
  method === 'GET' && url === `${originOf(url)}/` && Boolean(headers.get('Accept')?.includes('text/html'))

/** The handler of a Cron trigger: removes grants and sessions, and by the control plane tenants, whose time is over. */
export async function removeExpired(_: unknown, env: Cloudflare.Env, context: ExecutionContext) {
  if (refusesToServe(env).length > 0) return
  if (env.CONTROL_TOKEN) {
    const headers = { Authorization: `Bearer ${env.CONTROL_TOKEN}` }
    const request = new Request(`https://cron.invalid${CONTROL_PATH}/expired`, { method: 'POST', headers })
    await controlApp.fetch(request, env, context)
  }
  // Last: if it fails, tenants have gone all the same.
  await removeStaleGrants(env)
}
