// Every test file starts with the documented tenant on a database of its own.
import { env } from 'cloudflare:workers'
import { plantDocumentedTenant } from '../../src/seed/documented.ts'
import { migrate } from './migrate.ts'

await migrate(env.DB)
await plantDocumentedTenant(env)
