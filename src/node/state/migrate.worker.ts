// A Worker that applies the migrations in a request's body to its databases, by binding, and gives names the keys that they
// lack then. An installed package migrates this way, since it also runs on Node 20, which has no `node:sqlite`.
import { fillAllNames } from '../../control/states/name-fill.ts'
import type { Databases } from '../../database/placement.ts'
import { messageOf } from '../error-details.ts'
import { migrate } from './migrate.ts'
import type { Migration } from './migration.ts'

export default {
  async fetch(request, env) {
    const migrations: Record<string, Migration[]> = await request.json()
    try {
      for (const [binding, own] of Object.entries(migrations)) {
        const database = env[binding]
        if (database) await migrate(database, own)
      }
      return Response.json(await fillAllNames(env))
    } catch (error) {
      return new Response(messageOf(error), { status: 500 })
    }
  },
} satisfies ExportedHandler<Databases & Record<string, D1Database>>
