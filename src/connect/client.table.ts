// OAuth clients that may ask this tenant for a token.
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { identifier } from '../database/columns.ts'
import { partitions } from '../partitions/partition.table.ts'

// Columns behind `mayPrefer` have defaults that make a client of before: the Worker before this one inserts rows without them.
export const clients = sqliteTable(
  'clients',
  {
    id: text().primaryKey(),
    /** Whose users may sign in with it; of the host partition: those of any. */
    partitionId: identifier()
      .notNull()
      .references(() => partitions.id, { onDelete: 'cascade' }),
    /** SHA-256 of the secret, base64url. Empty for a public client, which has none; no secret has the empty hash. */
    secretHash: text().notNull(),
    /** The scopes the client may be granted, space separated. */
    scopes: text().notNull(),
    hostAdmin: integer({ mode: 'boolean' }).notNull().default(false),
    /** Its tokens may ask for faults with `Prefer`, where the control plane is on. */
    mayPrefer: integer({ mode: 'boolean' }).notNull().default(false),
    /** What it is called on the sign-in page; its id where that is null. */
    name: text(),
    /** The grant types it may use, space separated. */
    grantTypes: text().notNull().default('client_credentials'),
    /** Where a user may be sent back to, as a JSON array of addresses; one that begins with `/` is at the server's own origin. */
    redirectUris: text().notNull().default('[]'),
    /** Whether its authorization requests need PKCE. Those of a public client always do. */
    requirePkce: integer({ mode: 'boolean' }).notNull().default(true),
  },
  (table) => [index('clients_partition').on(table.partitionId)],
)
