// Keys the tenant signs its tokens with, when none is given as a secret.
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export const signingKeys = sqliteTable('signing_keys', {
  /** The key of the highest seq signs; all of them verify. Below 1: published, for the time when it signs. */
  seq: integer().primaryKey(),
  kid: text().notNull().unique(),
  /** The private key as a JWK (RSA), sealed. */
  privateJwk: text().notNull(),
})
