// Queries about OAuth clients.
import { sql } from 'drizzle-orm'
import { tenantControls, tenants } from '../control/control.table.ts'
import type { Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { clients } from './client.table.ts'

export interface ClientRow {
  id: string
  partitionId: string
  secretHash: string
  scopes: string
  hostAdmin: boolean
  mayPrefer: boolean
  name: string | null
  grantTypes: string
  redirectUris: string
  requirePkce: boolean
  /**
   * The revision of what the control plane armed for its partition, as far as the main database has it; 0 for nothing.
   */
  revision: number
  /** When the time of its tenant is over, in milliseconds since the epoch; null if it is kept. */
  expiresAt: number | null
}

/** What is selected for a {@link ClientRow}. */
export const clientFields = {
  id: clients.id,
  partitionId: clients.partitionId,
  secretHash: clients.secretHash,
  scopes: clients.scopes,
  hostAdmin: clients.hostAdmin,
  mayPrefer: clients.mayPrefer,
  name: clients.name,
  grantTypes: clients.grantTypes,
  redirectUris: clients.redirectUris,
  requirePkce: clients.requirePkce,
  revision: sql<number>`coalesce((select ${tenantControls.revision} from ${tenantControls}
    where ${tenantControls.partitionId} = ${clients.partitionId}), 0)`,
  expiresAt: sql<number | null>`(select ${tenants.expiresAt} from ${tenants}
    where ${tenants.partitionId} = ${clients.partitionId})`,
}

export const selectClient = statement<{ client: string }, ClientRow>(
  (v, row) => sql`select ${row(clientFields)} from ${clients} where ${clients.id} = ${v.client}`,
)

/** The client of that id. Client ids are compared exactly. */
export const findClient = (database: Database, client: string) => database.first(selectClient, { client })
