// What a user has beyond its place in the directory.
import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { identifier } from '../database/columns.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { partitions } from '../partitions/partition.table.ts'

export const users = sqliteTable('users', {
  entitySeq: integer()
    .primaryKey()
    .references(() => directoryEntities.seq, { onDelete: 'cascade' }),
  legacyId: integer(),
  emailConfirmed: integer({ mode: 'boolean' }).notNull().default(false),
  isActive: integer({ mode: 'boolean' }).notNull().default(true),
  bypassBasicAuthRestriction: integer({ mode: 'boolean' }).notNull().default(false),
  invitationAccepted: integer({ mode: 'boolean' }).notNull().default(true),
  /** 0 local, 1 linked local, 2 directory. */
  category: integer().notNull().default(0),
  /** Parameters and hash of the password; null for none. Never leaves the database. */
  passwordHash: text(),
  /** Former hashes, newest first, as a JSON array. */
  passwordHistory: text().notNull().default('[]'),
  /** Extension attributes as a JSON object. */
  extensionAttributes: text().notNull().default('{}'),
  /** Failed attempts to sign in since the last one that succeeded, or the last lock-out. */
  accessFailedCount: integer().notNull().default(0),
  /** Until when signing in is refused, by the tenant's clock. In milliseconds since the epoch; null: it is not. */
  lockoutEnd: integer(),
})

/**
 * Ids of deleted users, written for versions before this one alone: they judge a user the directory never knew by scopes, and
 * after a rollback would take the tokens of deleted users for such.
 */
export const formerUsers = sqliteTable(
  'former_users',
  {
    partitionId: identifier()
      .notNull()
      .references(() => partitions.id, { onDelete: 'cascade' }),
    id: identifier().notNull(),
  },
  (table) => [primaryKey({ columns: [table.partitionId, table.id] })],
)
