// The entry of the Worker that `npm start` and the library run. Its one isolate is the only one that writes to its databases,
// so it may cache rows and answers, and commit several requests' writes together. A deployment runs many isolates: their
// caches would be stale. Its bundle contains none of this.
import { edge, type Fetch } from '../http/edge.ts'
import { removeExpired, serve } from '../serve.ts'
import { cacheAnswers } from './answer-cache.ts'
import { drainBody } from './drain-body.ts'
import { embed } from './embedded-d1.ts'
import { cacheGrants } from './grant-cache.ts'
import { afterStart } from './start.ts'

// A cached answer is to a URL whose host was let in, and needs nothing of what the layers below it do.
const answer = afterStart(cacheAnswers(drainBody(edge(cacheGrants(serve)))))

const fetch: Fetch = (request, env, context) => answer(request, embed(env), context)

export default {
  fetch,
  scheduled: (controller, env, context) => removeExpired(controller, embed(env), context),
} satisfies ExportedHandler<Cloudflare.Env>
