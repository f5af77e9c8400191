// The part that the paths of nearly all operations of the control plane begin with.
import type { Context } from 'hono'
import * as z from 'zod/mini'
import { databasesFor, openMain, type RequestDatabases } from '../../database/session.ts'
import type { ControlEnv } from '../access/call.ts'
import { reachOf } from '../access/caller.ts'
import { forgetTenant, knownTenant, onlyForTenant, rememberTenant, UnknownTenant } from '../tenants/known-tenants.ts'
import { findTenant, type TenantRow } from '../tenants/tenants.ts'

/** `tenant` is the id of a tenant or its name. */
export const TenantPath = z.object({ tenant: z.string().check(z.minLength(1), z.maxLength(256)) })

/** The tenant that a path names, which the log names too. @throws ControlProblem 404 */
export async function requestedTenant(c: Context<ControlEnv>, tenant: string): Promise<TenantRow> {
  const row = await findTenant(openMain(c), tenant, reachOf(c.get('call').caller))
  rememberTenant(c.env, tenant, row)
  return noted(c, row)
}

function noted(c: Context<ControlEnv>, row: TenantRow): TenantRow {
  c.get('call').tenant = row
  c.get('timing')?.note({ partition: row.id })
  return row
}

/**
 * Runs `act` on the tenant that a path names. Where this isolate knows the tenant, no round trip is spent to find it: the
 * batches of `act` check that it is there. If it is not, nothing of them took place, and `act` runs again on what is found.
 * @throws ControlProblem 404
 * @example
 * await withTenant(c, tenant, (row, databases) => deleteTenant(c.env, databases, row))
 */
export async function withTenant<Result>(
  c: Context<ControlEnv>,
  tenant: string,
  act: (row: TenantRow, databases: RequestDatabases) => Promise<Result>,
): Promise<Result> {
  const databases = databasesFor(c)
  const known = knownTenant(c.env, tenant, reachOf(c.get('call').caller))
  if (known) {
    try {
      return await act(noted(c, known), onlyForTenant(databases, tenant, known))
    } catch (error) {
      if (!(error instanceof UnknownTenant)) throw error
      forgetTenant(c.env, tenant)
      c.get('call').tenant = undefined
    }
  }
  return act(await requestedTenant(c, tenant), databases)
}
