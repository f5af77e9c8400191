// Queries about the clients that are registered for a partition: listed, changed, and given new secrets.
import { and, eq, ne, or, sql } from 'drizzle-orm'
import type { Database } from '../database/database.ts'
import { deleteFrom, select, update } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { clients } from './client.table.ts'
import { NO_SECRET } from './client-secret.ts'

/** A client without its secret's hash. Lists as in {@link clients}. */
export interface RegisteredClient {
  id: string
  isPublic: boolean
  name: string | null
  scopes: string
  grantTypes: string
  redirectUris: string
  requirePkce: boolean
  hostAdmin: boolean
}

type Own = { partition: string; id: string }

const { id, name, scopes, grantTypes, redirectUris, requirePkce, hostAdmin } = clients
const isPublic = eq(clients.secretHash, NO_SECRET)
const columns = {
  ...{ id, name, scopes, grantTypes, redirectUris, requirePkce, hostAdmin },
  isPublic: sql<boolean>`${isPublic}`.mapWith(Boolean),
}

const isOwn = (v: Slots<Own>) => and(eq(id, v.id), eq(clients.partitionId, v.partition))

/** The most clients that are listed. */
const MAX_LISTED = 1000

const selectOwn = statement(
  (v: Slots<{ partition: string; limit: number }>) =>
    select(columns).from(clients).where(eq(clients.partitionId, v.partition)).orderBy(id).limit(v.limit),
  { touches: 'partition' },
)

/** The clients of a partition, by their ids, at most 1,000. */
export const listClients = (main: Database, partition: string): Promise<RegisteredClient[]> =>
  main.all(selectOwn, { partition, limit: MAX_LISTED })

/** What a client is changed to; null leaves it as it is. */
type Changes = {
  scopes: string | null
  grantTypes: string | null
  redirectUris: string | null
  requirePkce: boolean | null
  /** Counts where `renames`. */
  name: string | null
  renames: boolean
  /** Whether a public client can be changed so. */
  forPublic: boolean
}

const change = statement(
  (v: Slots<Own & Changes>) =>
    update(clients)
      .set({
        name: sql`iif(${v.renames}, ${v.name}, ${name})`,
        scopes: sql`coalesce(${v.scopes}, ${scopes})`,
        grantTypes: sql`coalesce(${v.grantTypes}, ${grantTypes})`,
        redirectUris: sql`coalesce(${v.redirectUris}, ${redirectUris})`,
        requirePkce: sql`coalesce(${v.requirePkce}, ${requirePkce}) or ${isPublic}`,
      })
      .where(and(isOwn(v), or(ne(clients.secretHash, NO_SECRET), sql`${v.forPublic}`)))
      .returning(columns),
  { touches: 'partition' },
)

/** The client as it is then; undefined if the partition has none of that id that can be changed so. */
export const changeClient = async (main: Database, values: Own & Changes): Promise<RegisteredClient | undefined> =>
  (await main.all(change, values))[0]

const setSecret = statement(
  (v: Slots<Own & { secretHash: string }>) =>
    update(clients)
      .set({ secretHash: sql`${v.secretHash}` })
      .where(and(isOwn(v), ne(clients.secretHash, NO_SECRET)))
      .returning({ id }),
  { touches: 'partition' },
)

/** False if the partition has no client of that id that has a secret. */
export const changeSecret = async (main: Database, values: Own & { secretHash: string }): Promise<boolean> =>
  (await main.all(setSecret, values)).length > 0

const remove = statement((v: Slots<Own>) => deleteFrom(clients).where(isOwn(v)).returning({ id }), {
  touches: 'partition',
})

/** False if the partition has no client of that id. */
export const deleteClient = async (main: Database, own: Own): Promise<boolean> =>
  (await main.all(remove, own)).length > 0
