// Queries for the signing keys of the deployment.
import { and, desc, eq, lt, ne, sql } from 'drizzle-orm'
import { bind } from '../database/bound.ts'
import type { Database } from '../database/database.ts'
import { deleteFrom, insertInto, insertSelect, select, update } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { signingKeys } from './signing-key.table.ts'

export interface SigningKeyRow {
  kid: string
  privateJwk: string
}

const newestFirst = statement((_: Slots<object>) =>
  select({ kid: signingKeys.kid, privateJwk: signingKeys.privateJwk }).from(signingKeys).orderBy(desc(signingKeys.seq)),
)

const insertFirst = statement((v: Slots<SigningKeyRow>) =>
  insertInto(signingKeys).values({ seq: 1, kid: v.kid, privateJwk: v.privateJwk }).onConflictDoNothing(),
)

/** All keys, the one that signs first. */
export const listSigningKeys = (database: Database) => database.all(newestFirst, {})

/** Stores `key` unless there is one already, and returns all there are then: of isolates that begin together one wins. */
export async function keepFirstSigningKey(database: Database, key: SigningKeyRow): Promise<SigningKeyRow[]> {
  const [, keys] = await database.batch(bind(insertFirst, { ...key }), bind(newestFirst, {}))
  return keys
}

const swapKey = statement((v: Slots<{ kid: string; old: string; sealed: string }>) =>
  update(signingKeys)
    .set({ privateJwk: sql`${v.sealed}` })
    .where(and(eq(signingKeys.kid, v.kid), eq(signingKeys.privateJwk, v.old)))
    .returning({ kid: signingKeys.kid }),
)

/** Replaces the sealed form of a key by compare-and-swap; returns 0 if it was changed meanwhile, else 1. */
export async function swapSigningKey(database: Database, kid: string, old: string, sealed: string) {
  return (await database.all(swapKey, { kid, old, sealed })).length
}

const publish = statement<SigningKeyRow>((v) =>
  insertSelect(
    signingKeys,
    { seq: sql`min(0, coalesce(min(${signingKeys.seq}), 1) - 1)`, kid: v.kid, privateJwk: v.privateJwk },
    sql`from ${signingKeys}`,
  ),
)

/** Stores a key that is published for verifying and does not sign yet: its `seq` is below 1. */
export const publishSigningKey = (database: Database, key: SigningKeyRow) => database.all(publish, { ...key })

const signing = sql`(select max(${signingKeys.seq}) from ${signingKeys})`

const retire = statement((v: Slots<{ kid: string }>) =>
  deleteFrom(signingKeys)
    .where(and(eq(signingKeys.kid, v.kid), ne(signingKeys.seq, signing)))
    .returning({ kid: signingKeys.kid }),
)

/** Removes a key that does not sign; false if there is no such key. */
export const retireSigningKey = async (database: Database, kid: string) =>
  (await database.all(retire, { kid })).length > 0

const promote = statement((v: Slots<{ kid: string }>) =>
  update(signingKeys)
    .set({ seq: sql`(select max(1, max(${signingKeys.seq}) + 1) from ${signingKeys})` })
    .where(and(eq(signingKeys.kid, v.kid), lt(signingKeys.seq, 1)))
    .returning({ kid: signingKeys.kid }),
)

/** Makes a published key the one that signs; false if there is no such key, or it signs or signed already. */
export const promoteSigningKey = async (database: Database, kid: string) =>
  (await database.all(promote, { kid })).length > 0
