// The part that the paths of nearly all operations of the control plane begin with.
import type { Context } from 'hono'
import * as z from 'zod/mini'
import { type AppEnv, openMain } from '../../database/session.ts'
import { findTenant, type TenantRow } from '../tenants/tenants.ts'

/** `tenant` is the id of a tenant or its name. */
export const TenantPath = z.object({ tenant: z.string().check(z.minLength(1), z.maxLength(256)) })

/** The tenant that a path names, which the log names too. @throws ControlProblem 404 */
export async function requestedTenant(c: Context<AppEnv>, tenant: string): Promise<TenantRow> {
  const row = await findTenant(openMain(c), tenant)
  if (c.var.timing) c.var.timing.partition = row.id
  return row
}
