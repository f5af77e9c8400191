// The Worker.
import { app } from './app.ts'
import { CONTROL_PATH, controlApp, isControlUrl } from './control/control.app.ts'

export default {
  // Without a control token there is no such plane: its paths are unknown like any others.
  fetch: (request: Request, env, context) =>
    env.CONTROL_TOKEN && isControlUrl(request.url)
      ? controlApp.fetch(request, env, context)
      : app.fetch(request, env, context),

  /** Removes tenants whose time is over. */
  async scheduled(_, env, context) {
    if (!env.CONTROL_TOKEN) return
    const headers = { Authorization: `Bearer ${env.CONTROL_TOKEN}` }
    const request = new Request(`https://cron.invalid${CONTROL_PATH}/expired`, { method: 'POST', headers })
    await controlApp.fetch(request, env, context)
  },
} satisfies ExportedHandler<Cloudflare.Env>
