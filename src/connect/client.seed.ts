// OAuth clients to plant.
import { sql } from 'drizzle-orm'
import { bind } from '../database/database.ts'
import { statement } from '../database/statement.ts'
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

const { placeholder } = sql

const insertClient = statement<{
  id: string
  partition: string
  secretHash: string
  scopes: string
  hostAdmin: number
  mayPrefer: number
}>(
  () => sql`
    insert into ${clients} (id, partition_id, secret_hash, scopes, host_admin, may_prefer)
    values (${placeholder('id')}, ${placeholder('partition')}, ${placeholder('secretHash')},
      ${placeholder('scopes')}, ${placeholder('hostAdmin')}, ${placeholder('mayPrefer')})`,
)

/** Only the secret's hash is kept. */
export async function plantClient({ id, secret, partition, scopes, hostAdmin, mayPrefer = false }: ClientSeed) {
  const secretHash = await hashSecret(secret)
  const flags = { hostAdmin: Number(hostAdmin), mayPrefer: Number(mayPrefer) }
  return bind(insertClient, { id, partition, secretHash, scopes: scopes.join(' '), ...flags })
}
