// Which partition a caller may act on. Every handler that touches a partition's rows asks here first.
import type { Context } from 'hono'
import type { Database, Guard } from '../database/database.ts'
import { openMain, openPartition } from '../database/session.ts'
import { isGuid, sameId, unknownId } from '../http/identifier.ts'
import { forbidden } from '../http/refusal.ts'
import { findPartition } from '../partitions/find-partition.ts'
import { HOST_PARTITION } from '../partitions/partition.table.ts'
import { onlyAdministrators } from './administrators.ts'
import type { CallerEnv } from './authorize.ts'
import type { Principal } from './principal.ts'
import type { Role } from './roles.ts'

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
 * The operation's contract says which roles may call it. `owner` is the user that what is asked for belongs to; it counts
 * only where the contract names `self`. Whether a user administers the partition is checked by the database, with the first
 * thing that is asked of it.
 *
 * @throws Refusal 403 for another partition or a role the contract does not name, 400 for an id that is neither a GUID nor known
 */
export async function reachPartition(
  c: Context<CallerEnv>,
  requested: string,
  { owner }: { owner?: string | null } = {},
): Promise<Reached> {
  const { principal, callers, control } = c.var
  if (principal.hostAdmin) await control?.enter(requested, principal)
  const guard = admit(principal, callers, { partition: requested, owner })
  const database = openPartition(c, requested, principal.readOnly ? 'nearest' : 'current', guard)
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

/**
 * Every partition of the main database at once, for what is named without its partition. Undefined unless the caller may act
 * on all of them and the contract names it.
 */
export function reachEveryPartition(c: Context<CallerEnv>): { partition: undefined; database: Database } | undefined {
  const { principal, callers } = c.var
  if (!principal.hostAdmin || !callers.includes('host administrator')) return undefined
  return { partition: undefined, database: openMain(c) }
}

/** Lets a caller pass in one of the roles of `callers`; the guard is what of that the database has to check. */
function admit(
  principal: Principal,
  callers: readonly Role[],
  { partition, owner }: { partition: string; owner: string | null | undefined },
): Guard | undefined {
  const { hostAdmin, userId } = principal
  if (callers.includes(roleByToken(principal))) return undefined
  if (!hostAdmin && userId !== undefined) {
    if (owner && sameId(owner, userId) && callers.includes('self')) return undefined
    if (callers.includes('organization administrator')) return onlyAdministrators(partition, userId)
  }
  throw forbidden('The operation is not for callers of this kind.')
}

/** The role that the token alone tells. */
function roleByToken({ hostAdmin, userId }: Principal): Role {
  if (hostAdmin) return 'host administrator'
  return userId === undefined ? 'application' : 'user'
}
