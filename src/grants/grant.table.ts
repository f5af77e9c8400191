// What users have granted to clients and tokens can still be had for: authorization codes, refresh tokens, device codes. And
// the sessions of users in their browsers. All in the main database, as a handle does not tell its partition.
import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { clients } from '../connect/client.table.ts'
import { identifier } from '../database/columns.ts'
import { partitions } from '../partitions/partition.table.ts'

const partitionId = () =>
  identifier()
    .notNull()
    .references(() => partitions.id, { onDelete: 'cascade' })

/** Times are those of the tenant's clock, in milliseconds since the epoch, unless they say otherwise. */
export const grants = sqliteTable(
  'grants',
  {
    /** SHA-256 of the handle, base64url: who reads the database has no handle. */
    handleHash: text().primaryKey(),
    /** A `GrantKind`. */
    kind: text().notNull(),
    /** Of a device code: SHA-256 of the code that its user types, base64url. */
    userCodeHash: text(),
    partitionId: partitionId(),
    clientId: text()
      .notNull()
      .references(() => clients.id, { onDelete: 'cascade' }),
    /** Null: a device whose user has not answered yet. */
    userId: identifier(),
    /** The session it was granted in; null where there is none. */
    sessionId: text(),
    /** Random, and the same for a code and all refresh tokens that descend from it. */
    family: text().notNull(),
    /** The granted scopes, space separated. */
    scopes: text().notNull(),
    /** When and how the user signed in, and what the kind needs beside, as JSON (`GrantDetails`). */
    details: text().notNull().default('{}'),
    createdAt: integer().notNull(),
    expiresAt: integer().notNull(),
    /** When it was used. */
    consumedAt: integer(),
    /** A random value of the request that used it: later statements of its batch compare it. */
    consumedBy: text(),
    /** When the row may be removed. Milliseconds since the epoch of the real time. */
    removeAt: integer().notNull(),
  },
  (table) => [
    index('grants_partition').on(table.partitionId),
    index('grants_client').on(table.clientId),
    index('grants_family').on(table.family),
    index('grants_session').on(table.sessionId).where(sql`"session_id" is not null`),
    uniqueIndex('grants_user_code').on(table.userCodeHash).where(sql`"user_code_hash" is not null`),
    index('grants_removal').on(table.removeAt),
  ],
)

/** A row for each browser that a user is signed in with. */
export const sessions = sqliteTable(
  'sessions',
  {
    /** The claim `sid`: 32 hexadecimal digits. */
    id: text().primaryKey(),
    partitionId: partitionId(),
    userId: identifier().notNull(),
    /** When the user signed in, by the tenant's clock. In seconds since the epoch. */
    authTime: integer().notNull(),
    /** How: the claim `amr`. */
    amr: text().notNull(),
    /** How many codes of devices were typed in that no device waits for. */
    deviceTries: integer().notNull().default(0),
    /** By the tenant's clock, in milliseconds since the epoch. */
    expiresAt: integer().notNull(),
    /** When the row may be removed. Milliseconds since the epoch of the real time. */
    removeAt: integer().notNull(),
  },
  (table) => [index('sessions_partition').on(table.partitionId), index('sessions_removal').on(table.removeAt)],
)
