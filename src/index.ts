// The Worker.
import { app } from './app.ts'
import { edge } from './http/edge.ts'

export default { fetch: edge(app.fetch) } satisfies ExportedHandler<Cloudflare.Env>
