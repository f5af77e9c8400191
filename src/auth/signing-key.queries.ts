// Questions to D1 about the tenant's signing keys.
import { sql } from 'drizzle-orm'
import { bind, type Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { signingKeys } from './signing-key.table.ts'

export interface SigningKeyRow {
  kid: string
  privateJwk: string
}

const newestFirst = statement<Record<never, never>, SigningKeyRow>(
  () => sql`
    select ${signingKeys.kid} as "kid", ${signingKeys.privateJwk} as "privateJwk"
    from ${signingKeys} order by ${signingKeys.seq} desc`,
)

const plantFirst = statement<{ kid: string; privateJwk: string }>(
  () => sql`
    insert into ${signingKeys} (seq, kid, private_jwk)
    values (1, ${sql.placeholder('kid')}, ${sql.placeholder('privateJwk')})
    on conflict do nothing`,
)

/** All keys, the one that signs first. */
export const listSigningKeys = (database: Database) => database.all(newestFirst, {})

/** Keeps `key` if there is none yet, and returns what is there afterwards: of several writers one wins. */
export async function keepFirstSigningKey(database: Database, key: SigningKeyRow): Promise<SigningKeyRow[]> {
  const [, keys] = await database.batch(bind(plantFirst, { ...key }), bind(newestFirst, {}))
  return keys
}
