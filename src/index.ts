// The Worker as it is deployed.
import { edge } from './http/edge.ts'
import { removeExpired, serve } from './serve.ts'

export default { fetch: edge(serve), scheduled: removeExpired } satisfies ExportedHandler<Cloudflare.Env>
