// Questions to D1 about the tenant's signing keys.
import { sql } from 'drizzle-orm'
import { bind, type Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { signingKeys } from './signing-key.table.ts'

const { placeholder } = sql

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
    values (1, ${placeholder('kid')}, ${placeholder('privateJwk')})
    on conflict do nothing`,
)

/** All keys, the one that signs first. */
export const listSigningKeys = (database: Database) => database.all(newestFirst, {})

/** Keeps `key` if there is none yet, and returns what is there afterwards: of several writers one wins. */
export async function keepFirstSigningKey(database: Database, key: SigningKeyRow): Promise<SigningKeyRow[]> {
  const [, keys] = await database.batch(bind(plantFirst, { ...key }), bind(newestFirst, {}))
  return keys
}

const swapKey = statement<{ kid: string; old: string; sealed: string }, { kid: string }>(
  () => sql`
    update ${signingKeys} set private_jwk = ${placeholder('sealed')}
    where kid = ${placeholder('kid')} and private_jwk = ${placeholder('old')}
    returning kid`,
)

/** Writes the key's new form where the old one still stands; returns how many. */
export async function swapSigningKey(database: Database, kid: string, old: string, sealed: string) {
  return (await database.all(swapKey, { kid, old, sealed })).length
}

const publish = statement<{ kid: string; privateJwk: string }>(
  () => sql`
    insert into ${signingKeys} (seq, kid, private_jwk)
    select min(0, coalesce(min(seq), 1) - 1), ${placeholder('kid')}, ${placeholder('privateJwk')} from ${signingKeys}`,
)

/** Keeps a key that verifies, and does not sign yet. */
export const publishSigningKey = (database: Database, key: SigningKeyRow) => database.all(publish, { ...key })

const promote = statement<{ kid: string }, { kid: string }>(
  () => sql`
    update ${signingKeys} set seq = (select max(1, max(seq) + 1) from ${signingKeys})
    where kid = ${placeholder('kid')} and seq < 1
    returning kid`,
)

/** Lets a published key sign from now on; false if there is no such key, or it signs or signed already. */
export const promoteSigningKey = async (database: Database, kid: string) =>
  (await database.all(promote, { kid })).length > 0
