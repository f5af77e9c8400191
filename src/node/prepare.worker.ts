// The Worker that runs before the real one does: it migrates the database and plants the documented tenant. It is bundled
// for local starts alone, so a deployment holds neither the seed nor this way in. In workerd rather than in Node because
// there it is one bundle and one request; Node needs half a second only to load the seed's imports.
import { plantDocumentedTenant } from '../seed/documented.ts'
import { type Migration, migrate } from './migrate.ts'

export default {
  /** The body is the list of all migrations; the answer comes when the database is ready. */
  async fetch(request, env): Promise<Response> {
    await migrate(env.DB, await request.json<Migration[]>())
    await plantDocumentedTenant(env.DB)
    return new Response(null, { status: 204 })
  },
} satisfies ExportedHandler<Cloudflare.Env>
