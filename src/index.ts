// The Worker.
import { app } from './app.ts'
import { CONTROL_PATH, controlApp, isControlUrl } from './control/control.app.ts'
import { answerAgain } from './database/remembered-answers.ts'
import { edge } from './http/edge.ts'
import { answerNotServing } from './http/refusal.ts'
import { refusesToServe } from './secrets/refuses-to-serve.ts'

export default {
  fetch: edge((request, env, context) => {
    const reasons = refusesToServe(env)
    if (reasons.length > 0) return answerNotServing(reasons)
    const again = answerAgain(request, env)
    if (again) return again
    // Without a control token there is no such plane: its paths are unknown like any others.
    const plane = env.CONTROL_TOKEN && isControlUrl(request.url) ? controlApp : app
    return plane.fetch(request, env, context)
  }),

  /** Removes tenants whose time is over. */
  async scheduled(_, env, context) {
    if (!env.CONTROL_TOKEN || refusesToServe(env).length > 0) return
    const headers = { Authorization: `Bearer ${env.CONTROL_TOKEN}` }
    const request = new Request(`https://cron.invalid${CONTROL_PATH}/expired`, { method: 'POST', headers })
    await controlApp.fetch(request, env, context)
  },
} satisfies ExportedHandler<Cloudflare.Env>
