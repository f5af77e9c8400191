// Whether the tenant can answer.
import { sql } from 'drizzle-orm'
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { type AppEnv, openMain } from '../database/session.ts'
import { statement } from '../database/statement.ts'
import { describe } from '../http/contract.ts'
import { ok } from '../http/ok.ts'
import { partitions } from '../partitions/partition.table.ts'

const anyPartition = statement<Record<never, never>, { id: string }>(
  () => sql`select ${partitions.id} as "id" from ${partitions} limit 1`,
)

export const healthRoutes = new Hono<AppEnv>().get(
  '/health',
  describe({
    operationId: 'Health',
    summary: 'Answers once the database does.',
    answer: z.object({ status: z.literal('ok') }),
  }),
  async (c) => {
    await openMain(c).all(anyPartition, {})
    return ok(c, { status: 'ok' })
  },
)
