// The Worker of `npm start` and of the library. Its one isolate is the only one to write to its databases, so it may
// remember what it read and let writes share a commit; a deployment runs many isolates and contains none of this.
import { edge, type Fetch } from '../http/edge.ts'
import { removeExpired, serve } from '../serve.ts'
import { rememberAnswers } from './answer-cache.ts'
import { embed } from './embedded-d1.ts'

const answer = edge(rememberAnswers(serve))

const fetch: Fetch = (request, env, context) => answer(request, embed(env), context)

export default {
  fetch,
  scheduled: (controller, env, context) => removeExpired(controller, embed(env), context),
} satisfies ExportedHandler<Cloudflare.Env>
