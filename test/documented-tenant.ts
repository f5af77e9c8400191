// Puts the documented tenant back to how a first start plants it.
import { env } from 'cloudflare:workers'
import { plantDocumentedTenant } from '../src/seed/documented.ts'

const TABLES = ['group_members', 'groups', 'settings', 'clients', 'directory_entities', 'partitions']

/** Empties every table but the signing keys, lets ids start anew, and plants the documented tenant. */
export async function replant(d1: D1Database) {
  await d1.batch([
    ...TABLES.map((table) => d1.prepare(`delete from ${table}`)),
    d1.prepare('delete from sqlite_sequence'),
  ])
  await plantDocumentedTenant(d1, env)
}
