// Which clients of a tenant may ask for faults with `Prefer`.
import { eq, sql } from 'drizzle-orm'
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { clients } from '../connect/client.table.ts'
import { update } from '../database/query-builder.ts'
import { type AppEnv, openMain } from '../database/session.ts'
import { type Slots, statement } from '../database/statement.ts'
import { ok } from '../http/ok.ts'
import { validate, validateJson } from '../http/validate.ts'
import { operation } from './operation.ts'
import { TenantPath } from './tenant.routes.ts'
import { findTenant } from './tenants.ts'

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

export const preferRoutes = new Hono<AppEnv>().put(
  '/tenants/:tenant/prefer',
  operation({
    operationId: 'allowPreferences',
    summary: 'Which clients may ask for faults with `Prefer`, all of them or those; their next tokens say so.',
    answer: Allowed,
  }),
  validate('param', TenantPath),
  validateJson(Allow),
  async (c) => {
    const { id: partition } = await findTenant(c, c.req.valid('param').tenant)
    const { clients: wanted } = c.req.valid('json')
    const all = wanted === '*'
    const values = { partition, all, ids: JSON.stringify(all ? [] : wanted) }
    const rows = await openMain(c).all(allowClients, values)
    return ok(c, { clients: rows.flatMap(({ id, allowed }) => (allowed ? [id] : [])).sort() })
  },
)
