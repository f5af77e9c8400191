// Writes a tenant that is made to the databases that have parts of it.
import type { Bound } from '../../database/bound.ts'
import { databaseOf, MAIN } from '../../database/placement.ts'
import type { RequestDatabases } from '../../database/session.ts'
import type { FirstUser } from '../../users/first-users.ts'
import type { ControlCaller } from '../access/caller.ts'
import { explainRows } from '../access/meter.ts'
import { ControlProblem, explainConstraint } from '../problem.ts'
import { freeNames } from './expired-tenants.ts'
import { explainRoom } from './tenant-limits.ts'
import { deletePartition, type TenantRow } from './tenants.ts'

/** Where a tenant is made, and for which issuer its tokens are. */
export interface TenantSite {
  readonly env: Cloudflare.Env
  readonly databases: RequestDatabases
  /** For removals that are no part of what was asked for: of others whose names are needed, or of what failed half-way. */
  readonly beside: RequestDatabases
  readonly issuer: string
  readonly caller: ControlCaller
}

interface TenantWrites {
  /** The partition's own row, and that the tenant was made on demand: both databases have them. */
  readonly both: readonly Bound<unknown>[]
  /** Of the database that holds the partition: these, and all that it has. */
  readonly data: readonly Bound<unknown>[]
  /** Of the main database: clients. */
  readonly listing: readonly Bound<unknown>[]
  /** Reads the first users, in the database that holds the partition. */
  readonly users: Bound<FirstUser>
}

/** Writes a tenant; if a name that it needs is that of tenants whose time is over, once more without these. */
export async function writeFreely(
  site: TenantSite,
  { id, name }: TenantRow,
  { clients, writes }: { clients: readonly { id: string }[]; writes: TenantWrites },
) {
  const { env, beside } = site
  try {
    return await writeTenant(site, id, writes)
  } catch (error) {
    const isTaken = error instanceof ControlProblem && error.status === 409
    const ids = clients.map((client) => client.id)
    if (!isTaken || !(await freeNames(env, beside, name, ids))) throw error
    return writeTenant(site, id, writes)
  }
}

/** Writes a tenant to the databases that have parts of it, mostly one and the same. Returns its first users. */
async function writeTenant(
  { env, databases, beside }: TenantSite,
  partition: string,
  { both, data, listing, users }: TenantWrites,
) {
  try {
    if (databaseOf(env, partition).name === MAIN) {
      const [planted] = await databases.main().batchBehind([...data, ...listing], users)
      return planted
    }
    const [planted] = await databases.holding(partition).batchBehind(data, users)
    try {
      await databases.main().batch(...both, ...listing)
    } catch (error) {
      // Nobody could find it to remove it, and its name would stay taken in that database.
      await beside.holding(partition).all(deletePartition, { partition })
      throw error
    }
    return planted
  } catch (error) {
    throw explainConstraint(explainRoom(explainRows(error)))
  }
}
