// Which partition a caller may act on. Every handler that touches a partition's rows asks here first.
import type { Context } from 'hono'
import type { Database } from '../database/database.ts'
import { openPartition } from '../database/session.ts'
import { isGuid, sameId, unknownId } from '../http/identifier.ts'
import { forbidden } from '../http/refusal.ts'
import { findPartition } from '../partitions/find-partition.ts'
import { HOST_PARTITION } from '../partitions/partition.table.ts'
import { onlyAdministrators } from './administrators.ts'
import type { Principal } from './principal.ts'
import type { CallerEnv } from './require-scope.ts'

/** A partition the caller may act on, as the caller wrote its id, and the database that holds it. */
export interface Reached {
  partition: string
  database: Database
}

/** The partition that is meant where none is named: the one the caller's token was issued for. */
export const ownPartition = (c: Context<CallerEnv>): string => c.var.principal.partition ?? HOST_PARTITION

/**
 * Returns `requested`, and the database that holds it, if the caller may act on it: its own partition, or any for a
 * host admin, whose unknown ones the handler's own query finds out. Asks the database only to word a refusal.
 *
 * A user has to administer the partition, except for what is its own (`owner`); the database checks that with the
 * first thing that is asked of it.
 *
 * @throws Refusal 403 for another partition, 400 for an id that is neither a GUID nor known
 */
export async function reachPartition(
  c: Context<CallerEnv>,
  requested: string,
  { owner }: { owner?: string | null } = {},
): Promise<Reached> {
  const { principal, control } = c.var
  if (principal.hostAdmin) await control?.enter(requested, principal)
  const freshness = principal.readOnly ? 'nearest' : 'current'
  const database = openPartition(c, requested, freshness, guardFor(principal, requested, owner))
  if (principal.hostAdmin || (principal.partition !== undefined && sameId(requested, principal.partition))) {
    return { partition: requested, database }
  }
  // Real server: the text for host-level rows (observed by its SDK's authors).
  if (requested === HOST_PARTITION) throw forbidden('User is not host admin')
  if (!isGuid(requested) && !(await findPartition(database, requested))) {
    throw unknownId('partitionGlobalId', requested)
  }
  throw forbidden('InvalidPartition: the partition is not one the caller may act on.')
}

function guardFor({ hostAdmin, userId }: Principal, partition: string, owner: string | null | undefined) {
  if (hostAdmin || userId === undefined || (owner && sameId(owner, userId))) return undefined
  return onlyAdministrators(partition, userId)
}
