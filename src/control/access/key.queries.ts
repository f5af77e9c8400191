// Queries about keys.
import { eq, type SQL, sql } from 'drizzle-orm'
import { failUnless } from '../../database/abort.ts'
import { type Bound, bind } from '../../database/bound.ts'
import type { Database } from '../../database/database.ts'
import { deleteFrom, insertInto, select } from '../../database/query-builder.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { controlKeys, tenants } from '../control.table.ts'

/** A key without the key itself. Times in milliseconds since the epoch. */
export interface KeyRow {
  id: string
  team: string | null
  /** The tenant of a tenant's key; null for a team's. */
  partitionId: string | null
  /** `KeyLimits` as JSON; null for a tenant's key. */
  limits: string | null
  createdAt: number
  /** Null: it is good until it is revoked. */
  expiresAt: number | null
}

const { id, team, partitionId, limits, createdAt, expiresAt } = controlKeys
const columns = { id, team, partitionId, limits, createdAt, expiresAt }

type NewKey = KeyRow & { hash: string; parentId: string | null }

const insert = statement(
  (v: Slots<NewKey>) =>
    insertInto(controlKeys).values({
      ...{ id: v.id, hash: v.hash, team: v.team, partitionId: v.partitionId, parentId: v.parentId },
      ...{ limits: v.limits, createdAt: v.createdAt, expiresAt: v.expiresAt },
    }),
  { touches: 'partitionId' },
)

/** The statement that keeps a key. */
export const insertKey = (key: NewKey): Bound<unknown> => bind(insert, key)

const selectByHash = statement((v: Slots<{ hash: string }>) =>
  select(columns).from(controlKeys).where(eq(controlKeys.hash, v.hash)),
)

/** The key of that hash, whether or not its time is over. */
export const findKeyByHash = (main: Database, hash: string): Promise<KeyRow | undefined> =>
  main.first(selectByHash, { hash })

export const REVOKED = 'the key is revoked'

const checkKey = statement<{ key: string }, { there: number }>(
  (v, row) =>
    sql`select ${row({
      there: failUnless(sql`exists (select 1 from ${controlKeys} where ${controlKeys.id} = ${v.key})`, REVOKED),
    })}`,
)

/** The statement that fails a batch, by {@link REVOKED}, if the key is not there any more. */
export const requireKey = (key: string): Bound<unknown> => bind(checkKey, { key })

/** A key with what it holds: its tenants, their rows, and the requests that these have answered. */
export interface KeyUsage extends KeyRow {
  tenants: number
  rows: number
  requests: number
}

const ofKey = (what: SQL) => sql<number>`(select ${what} from ${tenants} where ${tenants.keyId} = ${controlKeys.id})`

const selectTeamKeys = statement<{ team: string | null }, KeyUsage>(
  (v, row) => sql`
    select ${row({
      ...columns,
      tenants: ofKey(sql`count(*)`),
      rows: ofKey(sql`coalesce(sum(${tenants.rows}), 0)`),
      requests: ofKey(sql`coalesce(sum(${tenants.requests}), 0)`),
    })}
    from ${controlKeys} where ${partitionId} is null and (${team} = ${v.team} or ${v.team} is null)
    order by ${createdAt} desc limit 1000`,
)

/** The keys of teams, or of one team if it is not null, newest first, at most 1,000. */
export const listTeamKeys = (main: Database, team: string | null): Promise<KeyUsage[]> =>
  main.all(selectTeamKeys, { team })

const remove = statement((v: Slots<{ key: string }>) =>
  deleteFrom(controlKeys).where(eq(controlKeys.id, v.key)).returning({ id: controlKeys.id }),
)

/** Revokes a key, and those of tenants that came with it. False if there is none of that id. */
export const revokeKey = async (main: Database, key: string): Promise<boolean> =>
  (await main.all(remove, { key })).length > 0
