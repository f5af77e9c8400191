// Every test file starts with the documented tenant on a database of its own.
import { applyD1Migrations } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { plantDocumentedTenant } from '../src/seed/documented.ts'

await applyD1Migrations(env.DB, env.MIGRATIONS ?? [])
await plantDocumentedTenant(env.DB)
