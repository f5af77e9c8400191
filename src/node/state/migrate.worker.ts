// A Worker that applies the migrations in a request's body to its databases, by binding. An installed package migrates this
// way, since it also runs on Node 20, which has no `node:sqlite`.
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
