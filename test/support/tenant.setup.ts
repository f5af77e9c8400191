// Every test file starts with the documented tenant on a database of its own.
import { applyD1Migrations } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { plantDocumentedTenant } from '../../src/seed/documented.ts'

for (const d1 of [env.DB, env.REPLICA_1, env.REPLICA_2, env.SECOND]) {
  if (d1) await applyD1Migrations(d1, env.MIGRATIONS ?? [])
}
await plantDocumentedTenant(env)
