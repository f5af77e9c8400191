// A Worker whose only request brings its database up to the migrations in the body: for a Node that cannot open the
// database itself, or that has no business to.
import { migrate } from './migrate.ts'
import type { Migration } from './migration.ts'

export default {
  async fetch(request, env) {
    const migrations: Migration[] = await request.json()
    await migrate(env.DB, migrations)
    return new Response(null, { status: 204 })
  },
} satisfies ExportedHandler<Cloudflare.Env>
