// Says which clients of a tenant may ask for faults with the header `Prefer`.
import { eq, sql } from 'drizzle-orm'
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { clients } from '../../connect/client.table.ts'
import type { Database } from '../../database/database.ts'
import { select, update } from '../../database/query-builder.ts'
import { openMain } from '../../database/session.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { noSuch } from '../../http/nearest.ts'
import { ok } from '../../http/ok.ts'
import { Refusal } from '../../http/refusal.ts'
import { validate, validateStrictJson } from '../../http/validate.ts'
import type { ControlEnv } from '../access/call.ts'
import { operation } from './operation.ts'
import { requestedTenant, TenantPath } from './tenant-path.ts'

const Allow = z.object({ clients: z.union([z.literal('*'), z.array(z.string()).check(z.maxLength(1000))]) })
const Allowed = z.object({ clients: z.array(z.string()) })

const allowClients = statement(
  (v: Slots<{ partition: string; ids: string; all: boolean }>) =>
    update(clients)
      .set({ mayPrefer: sql`${v.all} or ${clients.id} in (select value from json_each(${v.ids}))` })
      .where(eq(clients.partitionId, v.partition))
      .returning({ id: clients.id, allowed: clients.mayPrefer }),
  { touches: 'partition' },
)

const selectClients = statement(
  (v: Slots<{ partition: string }>) =>
    select({ id: clients.id }).from(clients).where(eq(clients.partitionId, v.partition)),
  { touches: 'partition' },
)

/** Checks that all `wanted` are clients of the tenant. @throws Refusal 400 with the nearest id there is */
async function requireClients(main: Database, partition: string, wanted: readonly string[]) {
  const ids = (await main.all(selectClients, { partition })).map(({ id }) => id)
  const unknown = wanted.flatMap((id, index): [string, string[]][] =>
    ids.includes(id) ? [] : [[`clients[${index}]`, [noSuch('client', id, ids)]]],
  )
  if (unknown.length > 0) throw new Refusal({ is: 'invalid', errors: Object.fromEntries(unknown) })
}

export const preferRoutes = new Hono<ControlEnv>().put(
  '/tenants/:tenant/prefer',
  operation({
    operationId: 'allowPreferences',
    key: 'tenant',
    summary: 'Which clients may ask for faults with `Prefer`, all of them or those; their next tokens say so.',
    answer: Allowed,
  }),
  validate('param', TenantPath),
  validateStrictJson(Allow),
  async (c) => {
    const { id: partition } = await requestedTenant(c, c.req.valid('param').tenant)
    const { clients: wanted } = c.req.valid('json')
    const all = wanted === '*'
    if (!all) await requireClients(openMain(c), partition, wanted)
    const values = { partition, all, ids: JSON.stringify(all ? [] : wanted) }
    const rows = await openMain(c).all(allowClients, values)
    return ok(c, { clients: rows.flatMap(({ id, allowed }) => (allowed ? [id] : [])).sort() })
  },
)
