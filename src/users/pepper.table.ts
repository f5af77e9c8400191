// The pepper that password hashes are bound to.
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export const peppers = sqliteTable('peppers', {
  /** Always 1: the deployment has one pepper. */
  seq: integer().primaryKey(),
  /** 32 random bytes in base64url, sealed. */
  pepper: text().notNull(),
})
