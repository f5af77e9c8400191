// Keys the tenant signs its tokens with, when none is given as a secret.
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export const signingKeys = sqliteTable('signing_keys', {
  /** The newest key (highest seq) signs; all of them verify. */
  seq: integer().primaryKey(),
  kid: text().notNull().unique(),
  /** The private key as a JWK (RSA). */
  privateJwk: text().notNull(),
})
