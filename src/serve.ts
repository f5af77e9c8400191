// What a deployment and a local run serve alike: the tenant API, and the control plane beside it.
import { app } from './app.ts'
import { CONTROL_PATH, controlApp, isControlUrl } from './control/control.app.ts'
import type { Fetch } from './http/edge.ts'
import { answerNotServing } from './http/refusal.ts'
import { refusesToServe } from './secrets/refuses-to-serve.ts'

/** Answers a request. */
export const serve: Fetch = (request, env, context) => {
  const reasons = refusesToServe(env)
  if (reasons.length > 0) return answerNotServing(reasons)
  // Without a control token there is no control plane: its paths are unknown like any others.
  const plane = env.CONTROL_TOKEN && isControlUrl(request.url) ? controlApp : app
  return plane.fetch(request, env, context)
}

/** Removes tenants whose time is over, as a Cron trigger asks for it. */
export async function removeExpired(_: unknown, env: Cloudflare.Env, context: ExecutionContext) {
  if (!env.CONTROL_TOKEN || refusesToServe(env).length > 0) return
  const headers = { Authorization: `Bearer ${env.CONTROL_TOKEN}` }
  const request = new Request(`https://cron.invalid${CONTROL_PATH}/expired`, { method: 'POST', headers })
  await controlApp.fetch(request, env, context)
}
