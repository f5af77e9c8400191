// OAuth clients that may ask this tenant for a token.
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { identifier } from '../database/columns.ts'
import { partitions } from '../partitions/partition.table.ts'

export const clients = sqliteTable('clients', {
  id: text().primaryKey(),
  partitionId: identifier()
    .notNull()
    .references(() => partitions.id, { onDelete: 'cascade' }),
  /** SHA-256 of the secret, base64url. */
  secretHash: text().notNull(),
  /** The scopes the client may be granted, space separated. */
  scopes: text().notNull(),
  hostAdmin: integer({ mode: 'boolean' }).notNull().default(false),
  /** Its tokens may ask for faults with `Prefer`, where the control plane is on. */
  mayPrefer: integer({ mode: 'boolean' }).notNull().default(false),
})
