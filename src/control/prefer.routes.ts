// Which clients of a tenant may ask for faults with `Prefer`.
import { sql } from 'drizzle-orm'
import { type Context, Hono } from 'hono'
import * as z from 'zod/mini'
import { clients } from '../connect/client.table.ts'
import { type AppEnv, openMain } from '../database/session.ts'
import { statement } from '../database/statement.ts'
import { describe } from '../http/contract.ts'
import { noSuch } from '../http/nearest.ts'
import { ok } from '../http/ok.ts'
import { Refusal } from '../http/refusal.ts'
import { validate, validateStrictJson } from '../http/validate.ts'
import { TenantPath } from './tenant.routes.ts'
import { findTenant } from './tenants.ts'

const Allow = z.object({ clients: z.union([z.literal('*'), z.array(z.string()).check(z.maxLength(1000))]) })
const Allowed = z.object({ clients: z.array(z.string()) })

const { placeholder } = sql

const allowClients = statement<{ partition: string; ids: string; all: number }, { id: string; allowed: number }>(
  () => sql`
    update ${clients} set may_prefer = ${placeholder('all')} or id in (select value from json_each(${placeholder('ids')}))
    where partition_id = ${placeholder('partition')} returning id as "id", may_prefer as "allowed"`,
)

const selectClients = statement<{ partition: string }, { id: string }>(
  () => sql`select ${clients.id} as "id" from ${clients} where ${clients.partitionId} = ${placeholder('partition')}`,
)

/** @throws Refusal 400 for a client that is not the tenant's */
async function requireClients(c: Context<AppEnv>, partition: string, wanted: readonly string[]) {
  const ids = (await openMain(c).all(selectClients, { partition })).map(({ id }) => id)
  const unknown = wanted.flatMap((id, index): [string, string[]][] =>
    ids.includes(id) ? [] : [[`clients[${index}]`, [noSuch('client', id, ids)]]],
  )
  if (unknown.length > 0) throw new Refusal({ is: 'invalid', errors: Object.fromEntries(unknown) })
}

export const preferRoutes = new Hono<AppEnv>().put(
  '/tenants/:tenant/prefer',
  describe({
    operationId: 'allowPreferences',
    summary: 'Which clients may ask for faults with `Prefer`, all of them or those; their next tokens say so.',
    answer: Allowed,
  }),
  validate('param', TenantPath),
  validateStrictJson(Allow),
  async (c) => {
    const { id: partition } = await findTenant(c, c.req.valid('param').tenant)
    const { clients: wanted } = c.req.valid('json')
    const all = wanted === '*'
    if (!all) await requireClients(c, partition, wanted)
    const values = { partition, all: Number(all), ids: JSON.stringify(all ? [] : wanted) }
    const rows = await openMain(c).all(allowClients, values)
    return ok(c, { clients: rows.flatMap(({ id, allowed }) => (allowed ? [id] : [])).sort() })
  },
)
