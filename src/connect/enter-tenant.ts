// A token request is about the partition of its client.
import type { Context } from 'hono'
import { databaseOf, MAIN } from '../database/placement.ts'
import type { AppEnv } from '../database/session.ts'
import type { ClientRow } from './client.queries.ts'

/** Applies to this request what the control plane armed for the client's partition: its faults and its clock. */
export async function enterTenant(c: Context<AppEnv>, { id, partitionId, mayPrefer, revision }: ClientRow) {
  const caller = { clientId: id, userId: undefined, mayPrefer: Boolean(mayPrefer) }
  // The client's row has the revision of the main database; for a partition of another database it has to be asked there.
  const known = databaseOf(c.env, partitionId).name === MAIN ? revision : undefined
  await c.get('control')?.enter(partitionId, caller, known)
}
