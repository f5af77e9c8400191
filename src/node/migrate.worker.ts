// A Worker whose only request brings its databases up to the migrations in the body, by binding: for a Node that cannot
// open a database itself, or that has no business to.
import { migrate } from './migrate.ts'
import type { Migration } from './migration.ts'

export default {
  async fetch(request, env) {
    const migrations: Record<string, Migration[]> = await request.json()
    for (const [binding, own] of Object.entries(migrations)) {
      const database = env[binding]
      if (database) await migrate(database, own)
    }
    return new Response(null, { status: 204 })
  },
} satisfies ExportedHandler<Record<string, D1Database>>
