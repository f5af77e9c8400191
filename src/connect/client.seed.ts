// OAuth clients to plant.
import { and, eq } from 'drizzle-orm'
import { bind } from '../database/bound.ts'
import { deleteFrom, insertInto } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { clientFields } from './client.queries.ts'
import { clients } from './client.table.ts'
import { hashSecret, NO_SECRET } from './client-secret.ts'

export interface ClientSeed {
  id: string
  /** Empty for a public client. */
  secret: string
  /** The partition its tokens are for. */
  partition: string
  scopes: readonly string[]
  hostAdmin: boolean
  /** Its tokens may ask for faults with `Prefer`. */
  mayPrefer?: boolean
  name?: string | null
  grantTypes?: readonly string[]
  redirectUris?: readonly string[]
  requirePkce?: boolean
}

type PlantedClient = {
  id: string
  partition: string
  secretHash: string
  scopes: string
  hostAdmin: boolean
  mayPrefer: boolean
  name: string | null
  grantTypes: string
  redirectUris: string
  requirePkce: boolean
}

const insertion = (v: Slots<PlantedClient>) =>
  insertInto(clients).values({
    id: v.id,
    partitionId: v.partition,
    secretHash: v.secretHash,
    scopes: v.scopes,
    hostAdmin: v.hostAdmin,
    mayPrefer: v.mayPrefer,
    name: v.name,
    grantTypes: v.grantTypes,
    redirectUris: v.redirectUris,
    requirePkce: v.requirePkce,
  })

/** It returns what `selectClient` would select. */
export const insertClient = statement((v: Slots<PlantedClient>) => insertion(v).returning(clientFields), {
  touches: 'partition',
})

const insertUnlessThere = statement((v: Slots<PlantedClient>) => insertion(v).onConflictDoNothing(), {
  touches: 'partition',
})

/** Only the secret's hash is kept. Fails a batch where the id is taken. */
export const plantClient = async (seed: ClientSeed) => bind(insertClient, await columnsOf(seed))

/** As {@link plantClient}, but leaves a client that has the id already. */
export const plantClientUnlessThere = async (seed: ClientSeed) => bind(insertUnlessThere, await columnsOf(seed))

async function columnsOf({ id, secret, partition, scopes, hostAdmin, ...seed }: ClientSeed): Promise<PlantedClient> {
  const { mayPrefer = false, name = null, redirectUris = [], requirePkce = true } = seed
  const { grantTypes = ['client_credentials'] } = seed
  return {
    id,
    partition,
    secretHash: secret === '' ? NO_SECRET : await hashSecret(secret),
    scopes: scopes.join(' '),
    hostAdmin,
    mayPrefer,
    name,
    grantTypes: grantTypes.join(' '),
    redirectUris: JSON.stringify(redirectUris),
    requirePkce,
  }
}

const deleteClient = statement(
  (v: Slots<{ partition: string; id: string }>) =>
    deleteFrom(clients).where(and(eq(clients.id, v.id), eq(clients.partitionId, v.partition))),
  { touches: 'partition' },
)

/** The statement that deletes the client, unless it is another partition's. */
export const removeClient = (partition: string, id: string) => bind(deleteClient, { partition, id })
