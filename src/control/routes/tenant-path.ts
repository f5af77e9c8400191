// The part that the paths of nearly all operations of the control plane begin with.
import type { Context } from 'hono'
import * as z from 'zod/mini'
import { openMain } from '../../database/session.ts'
import type { ControlEnv } from '../access/call.ts'
import { reachOf } from '../access/caller.ts'
import { findTenant, type TenantRow } from '../tenants/tenants.ts'

/** `tenant` is the id of a tenant or its name. */
export const TenantPath = z.object({ tenant: z.string().check(z.minLength(1), z.maxLength(256)) })

/** The tenant that a path names, which the log names too. @throws ControlProblem 404 */
export async function requestedTenant(c: Context<ControlEnv>, tenant: string): Promise<TenantRow> {
  const row = await findTenant(openMain(c), tenant, reachOf(c.var.call.caller))
  c.var.call.tenant = row
  if (c.var.timing) c.var.timing.partition = row.id
  return row
}
