// Arms, lists and disarms faults.
import { and, eq, sql } from 'drizzle-orm'
import { type Context, Hono } from 'hono'
import * as z from 'zod/mini'
import { bind } from '../../database/bound.ts'
import type { Database } from '../../database/database.ts'
import { deleteFrom, insertInto } from '../../database/query-builder.ts'
import { openPartition } from '../../database/session.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { created, noContent, ok } from '../../http/ok.ts'
import { validate, validateStrictJson } from '../../http/validate.ts'
import type { ControlEnv } from '../access/call.ts'
import { faults } from '../control.table.ts'
import { loadArmed, raiseRevision } from '../effects/armed.ts'
import { type Fault, FaultAnswer } from '../effects/fault.schema.ts'
import { ControlProblem } from '../problem.ts'
import { ArmableFault } from './fault-rules.ts'
import { operation } from './operation.ts'
import { requestedTenant, TenantPath } from './tenant-path.ts'

const FaultPath = z.object({ ...TenantPath.shape, fault: z.string() })

const insertFault = statement(
  (v: Slots<{ partition: string; id: string; rule: string }>) =>
    insertInto(faults).values({ partitionId: v.partition, id: v.id, rule: v.rule }),
  { touches: 'partition' },
)

const deleteFaults = statement(
  (v: Slots<{ partition: string; id: string | null }>) =>
    deleteFrom(faults)
      .where(and(eq(faults.partitionId, v.partition), eq(faults.id, sql`coalesce(${v.id}, ${faults.id})`)))
      .returning({ id: faults.id }),
  { touches: 'partition' },
)

/** Disarms the fault of that id, or all if it is null; returns how many there were. */
async function disarm(env: Cloudflare.Env, database: Database, partition: string, id: string | null) {
  const [removed] = await database.batch(bind(deleteFaults, { partition, id }), raiseRevision(partition))
  await loadArmed(env, partition)
  return removed.length
}

async function disarmIn(c: Context<ControlEnv>, tenant: string, fault: string | null): Promise<number> {
  const { id } = await requestedTenant(c, tenant)
  return disarm(c.env, openPartition(c, id, 'current'), id, fault)
}

async function faultsOf(c: Context<ControlEnv>, tenant: string): Promise<readonly Fault[]> {
  const { id } = await requestedTenant(c, tenant)
  return (await loadArmed(c.env, id)).faults
}

export const faultRoutes = new Hono<ControlEnv>()
  .post(
    '/tenants/:tenant/faults',
    operation({
      operationId: 'armFault',
      key: 'tenant',
      summary: 'Makes requests of a tenant go wrong. Faults are tried in the order in which they were armed.',
      answer: FaultAnswer,
      status: 201,
    }),
    validate('param', TenantPath),
    validateStrictJson(ArmableFault),
    async (c) => {
      const { id: partition } = await requestedTenant(c, c.req.valid('param').tenant)
      const given = c.req.valid('json')
      const id = crypto.randomUUID()
      const seed = given.seed ?? crypto.getRandomValues(new Int32Array(1))[0]
      const expiresAt = given.ttl === undefined ? null : Date.now() + given.ttl * 1000
      const rule = { ...given, seed, expiresAt }
      await openPartition(c, partition, 'current').batch(
        bind(insertFault, { partition, id, rule: JSON.stringify(rule) }),
        raiseRevision(partition),
      )
      await loadArmed(c.env, partition)
      return created(c, { id, ...rule, hits: 0 })
    },
  )
  .get(
    '/tenants/:tenant/faults',
    operation({
      operationId: 'listFaults',
      key: 'tenant',
      summary: 'What is armed for a tenant, and how many requests each has met.',
      answer: z.object({ results: z.array(FaultAnswer) }),
    }),
    validate('param', TenantPath),
    async (c) => ok(c, { results: await faultsOf(c, c.req.valid('param').tenant) }),
  )
  .get(
    '/tenants/:tenant/faults/:fault',
    operation({ operationId: 'getFault', key: 'tenant', summary: 'One fault.', answer: FaultAnswer }),
    validate('param', FaultPath),
    async (c) => {
      const { tenant, fault } = c.req.valid('param')
      const found = (await faultsOf(c, tenant)).find(({ id }) => id === fault)
      if (!found) throw new ControlProblem(404, 'There is no such fault.')
      return ok(c, found)
    },
  )
  .delete(
    '/tenants/:tenant/faults/:fault',
    operation({ operationId: 'disarmFault', key: 'tenant', summary: 'Disarms a fault.' }),
    validate('param', FaultPath),
    async (c) => {
      const { tenant, fault } = c.req.valid('param')
      if ((await disarmIn(c, tenant, fault)) === 0) throw new ControlProblem(404, 'There is no such fault.')
      return noContent(c)
    },
  )
  .delete(
    '/tenants/:tenant/faults',
    operation({ operationId: 'disarmFaults', key: 'tenant', summary: 'Disarms all faults of a tenant.' }),
    validate('param', TenantPath),
    async (c) => {
      await disarmIn(c, c.req.valid('param').tenant, null)
      return noContent(c)
    },
  )
