// Questions to D1 about OAuth clients.
import { sql } from 'drizzle-orm'
import { tenantControls } from '../control/control.table.ts'
import type { Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { clients } from './client.table.ts'

export interface ClientRow {
  id: string
  partitionId: string
  secretHash: string
  scopes: string
  hostAdmin: number
  mayPrefer: number
  /** Of what is armed for its partition, if that is told beside the clients; 0 for nothing. */
  revision: number
}

const selectClient = statement<{ client: string }, ClientRow>(
  () => sql`
    select ${clients.id} as "id", ${clients.partitionId} as "partitionId", ${clients.secretHash} as "secretHash",
      ${clients.scopes} as "scopes", ${clients.hostAdmin} as "hostAdmin", ${clients.mayPrefer} as "mayPrefer",
      coalesce((select t.revision from ${tenantControls} t where t.partition_id = ${clients.partitionId}), 0) as "revision"
    from ${clients} where ${clients.id} = ${sql.placeholder('client')}`,
)

/** The client of that id. Client ids are compared exactly. */
export const findClient = (database: Database, client: string) => database.first(selectClient, { client })
