// Whether users of a tenant may sign in without a password: in local runs, and where whoever made the tenant asked for it.
import { eq } from 'drizzle-orm'
import type { Database } from '../../database/database.ts'
import { select } from '../../database/query-builder.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { isLocalRun } from '../../http/local-run.ts'
import { tenants } from '../control.table.ts'
import { ControlProblem } from '../problem.ts'

const selectPasswordless = statement(
  (v: Slots<{ partition: string }>) =>
    select({ passwordless: tenants.passwordless }).from(tenants).where(eq(tenants.partitionId, v.partition)),
  { touches: 'partition' },
)

/** @param main the database that lists all tenants @throws ControlProblem 409 for a tenant whose users have to sign in themselves */
export async function requirePasswordless(env: Cloudflare.Env, main: Database, partition: string): Promise<void> {
  if (isLocalRun(env) || (await main.first(selectPasswordless, { partition }))?.passwordless) return
  throw new ControlProblem(409, 'The tenant was not made with `passwordless`: its users have to sign in.')
}
