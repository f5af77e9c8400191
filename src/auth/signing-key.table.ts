// The keys that tokens are signed with, where the secret SIGNING_KEY does not give one.
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export const signingKeys = sqliteTable('signing_keys', {
  /** The key of the highest seq signs; all verify. Below 1: published ahead, so that clients know it before it signs. */
  seq: integer().primaryKey(),
  kid: text().notNull().unique(),
  /** The private key as a JWK (RSA), sealed. */
  privateJwk: text().notNull(),
})
