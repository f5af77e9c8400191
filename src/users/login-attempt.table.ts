// Attempts to sign in as a user, with the database that holds the user's partition.
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { identifier } from '../database/columns.ts'
import { partitions } from '../partitions/partition.table.ts'

export const loginAttempts = sqliteTable(
  'login_attempts',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    partitionId: identifier()
      .notNull()
      .references(() => partitions.id, { onDelete: 'cascade' }),
    userId: identifier().notNull(),
    /** The user name or email address as it was typed. */
    userName: text().notNull(),
    clientIpAddress: text(),
    browserInfo: text(),
    /** A LoginAttemptResult. */
    result: integer().notNull(),
    /** A random value of the request: its second batch finds the row by it. */
    stamp: text().notNull(),
    creationTime: text().notNull(),
  },
  (table) => [index('login_attempts_user').on(table.partitionId, table.userId, table.id)],
)
