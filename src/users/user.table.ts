// What a user has beyond its place in the directory.
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { directoryEntities } from '../directory/directory.table.ts'

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
})
