// OAuth clients to plant.
import { and, eq } from 'drizzle-orm'
import { bind } from '../database/database.ts'
import { deleteFrom, insertInto } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { clients } from './client.table.ts'
import { hashSecret } from './client-secret.ts'

export interface ClientSeed {
  id: string
  secret: string
  /** The partition its tokens are for. */
  partition: string
  scopes: readonly string[]
  hostAdmin: boolean
  /** Its tokens may ask for faults with `Prefer`. */
  mayPrefer?: boolean
}

type PlantedClient = {
  id: string
  partition: string
  secretHash: string
  scopes: string
  hostAdmin: boolean
  mayPrefer: boolean
}

const insertClient = statement(
  (v: Slots<PlantedClient>) =>
    insertInto(clients).values({
      id: v.id,
      partitionId: v.partition,
      secretHash: v.secretHash,
      scopes: v.scopes,
      hostAdmin: v.hostAdmin,
      mayPrefer: v.mayPrefer,
    }),
  { touches: 'partition' },
)

/** Only the secret's hash is kept. */
export async function plantClient({ id, secret, partition, scopes, hostAdmin, mayPrefer = false }: ClientSeed) {
  const secretHash = await hashSecret(secret)
  return bind(insertClient, { id, partition, secretHash, scopes: scopes.join(' '), hostAdmin, mayPrefer })
}

const deleteClient = statement(
  (v: Slots<{ partition: string; id: string }>) =>
    deleteFrom(clients).where(and(eq(clients.id, v.id), eq(clients.partitionId, v.partition))),
  { touches: 'partition' },
)

/** The statement that deletes the client, unless it is another partition's. */
export const removeClient = (partition: string, id: string) => bind(deleteClient, { partition, id })
