// Decides which partition a caller may act on. Every handler opens its database here, so that none can forget the check.
import type { Context } from 'hono'
import type { Database, Guard } from '../database/database.ts'
import { openMain, openPartition } from '../database/session.ts'
import { isGuid, sameId, unknownId } from '../http/identifier.ts'
import { forbidden } from '../http/refusal.ts'
import { findPartition } from '../partitions/find-partition.ts'
import { HOST_PARTITION } from '../partitions/partition.table.ts'
import { onlyAdministrators, unlessDeactivated } from './administrators.ts'
import type { CallerEnv } from './authorize.ts'
import type { Principal } from './principal.ts'
import type { Role } from './roles.ts'

/** A partition the caller may act on, as the caller wrote its id, and the database that holds it. */
export interface Reached {
  partition: string
  database: Database
}

/** The partition of a request that names none: the one that the caller's token was issued for. */
export const ownPartition = (c: Context<CallerEnv>): string => c.get('principal').partition ?? HOST_PARTITION

/**
 * Opens the database of `requested` if the caller may act on that partition: its own, or any for a host administrator.
 * Costs no round trip. That a user administers the partition is checked by the database in the handler's own batch; that a
 * host administrator's partition exists, by the handler's own query. Only to word a refusal is the database asked here.
 *
 * Takes the context of the request, since the database that it opens is the request's: its bookmark, deadline and guards.
 *
 * @param owner the user whose data is asked for; it counts only where the contract names the role `self`
 *
 * @throws Refusal 403 for another partition or a role the contract does not name, 400 for an id that is neither a GUID nor known
 * @example
 * const { partition, database } = await reachPartition(c, c.req.valid('param').partitionGlobalId)
 */
export async function reachPartition(
  c: Context<CallerEnv>,
  requested: string,
  { owner }: { owner?: string | null } = {},
): Promise<Reached> {
  const [principal, callers] = [c.get('principal'), c.get('callers')]
  if (principal.hostAdmin) await c.get('control')?.enter(requested, principal)
  const guard = requireRole(principal, callers, { partition: requested, owner })
  const open = (guarded?: Guard) => openPartition(c, requested, principal.readOnly ? 'nearest' : 'current', guarded)
  if (principal.hostAdmin || (principal.partition !== undefined && sameId(requested, principal.partition))) {
    return { partition: requested, database: open(guard) }
  }
  // Real server: the text for host-level rows (observed by its SDK's authors).
  if (requested === HOST_PARTITION) throw forbidden('User is not host admin')
  if (!isGuid(requested) && !(await findPartition(open(), requested))) {
    throw unknownId('partitionGlobalId', requested)
  }
  // Assumed: the status and the text. Real server: InvalidPartition for an organization that is not served (observed).
  throw forbidden('InvalidPartition: the partition is not one the caller may act on.')
}

/**
 * Opens the main database for all its partitions at once, for operations whose request names none (a group by its id).
 * Undefined unless the caller is a host administrator and the contract names that role.
 */
export function reachEveryPartition(c: Context<CallerEnv>): { partition: undefined; database: Database } | undefined {
  if (!c.get('principal').hostAdmin || !c.get('callers').includes('host administrator')) return undefined
  return { partition: undefined, database: openMain(c) }
}

/** Checks that the caller has one of the roles. Returns what only the database can check, to head the first batch. */
function requireRole(
  principal: Principal,
  callers: readonly Role[],
  { partition, owner }: { partition: string; owner: string | null | undefined },
): Guard | undefined {
  const { hostAdmin, userId } = principal
  const role = roleByToken(principal)
  if (callers.includes(role))
    return role === 'user' && userId !== undefined ? unlessDeactivated(partition, userId) : undefined
  if (!hostAdmin && userId !== undefined) {
    if (owner && sameId(owner, userId) && callers.includes('self')) return unlessDeactivated(partition, userId)
    if (callers.includes('organization administrator')) return onlyAdministrators(partition, userId)
  }
  // Assumed: the text.
  throw forbidden('The operation is not for callers of this kind.')
}

/** The role that a caller has by its token alone. */
function roleByToken({ hostAdmin, userId }: Principal): Role {
  if (hostAdmin) return 'host administrator'
  return userId === undefined ? 'application' : 'user'
}
