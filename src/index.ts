// The Worker.
import { app } from './app.ts'
import { answerNotServing } from './http/refusal.ts'
import { refusesToServe } from './secrets/refuses-to-serve.ts'

export default {
  fetch(request: Request, env, context) {
    const reasons = refusesToServe(env)
    return reasons.length > 0 ? answerNotServing(reasons) : app.fetch(request, env, context)
  },
} satisfies ExportedHandler<Cloudflare.Env>
