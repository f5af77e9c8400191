// /health: whether the database answers. /ready: whether this deployment is fit to be sent requests.
import { type Context, Hono } from 'hono'
import * as z from 'zod/mini'
import { keyRing } from '../auth/keys.ts'
import { Database } from '../database/database.ts'
import { DatabaseFailure, deadlineOf } from '../database/failure.ts'
import { type AppEnv, openMain } from '../database/session.ts'
import { describe } from '../http/contract.ts'
import { ok } from '../http/ok.ts'
import { JSON_UTF8 } from '../http/refusal.ts'
import { findAnyPartition } from '../partitions/find-partition.ts'
import { checkDatabase } from './readiness.queries.ts'

const Readiness = z.object({
  status: z.enum(['ready', 'unavailable']),
  checks: z.object({ database: z.boolean(), migrations: z.boolean(), keys: z.boolean() }),
})

export const healthRoutes = new Hono<AppEnv>()
  .get(
    '/health',
    describe(
      {
        operationId: 'Health',
        summary: 'Answers once the database does.',
        evidence: 'own',
        answer: z.object({ status: z.literal('ok') }),
      },
      async (c) => {
        await findAnyPartition(openMain(c))
        return ok(c, { status: 'ok' })
      },
    ),
  )
  .get(
    '/ready',
    describe(
      {
        operationId: 'Ready',
        summary: 'Answers whether the database, its migrations and the signing key are as they should be.',
        evidence: 'own',
        answer: Readiness,
        answers: { 503: Readiness },
      },
      async (c) => {
        const checks = await readiness(c)
        const ready = Object.values(checks).every(Boolean)
        if (ready) return ok(c, { status: 'ready', checks })
        return c.json({ status: 'unavailable', checks }, 503, { ...JSON_UTF8, 'Retry-After': '5' })
      },
    ),
  )

/** Checks the database, its migrations and the signing key. Asks each time: a remembered answer would hide an outage. */
async function readiness(c: Context<AppEnv>) {
  const { timing } = c.var
  try {
    const { signing } = await keyRing(c.env)
    const database = new Database(c.env.DB, {
      deadline: deadlineOf(c.env),
      onAnswer: (milliseconds) => timing?.add('d1', milliseconds),
    })
    const { migrations, keys } = await checkDatabase(database, signing.kid)
    return { database: true, migrations, keys: keys || c.env.SIGNING_KEY !== undefined }
  } catch (error) {
    if (!(error instanceof DatabaseFailure)) throw error
    // A missing table means that migrations are missing, and that the database answers.
    return { database: /no such table/.test(error.message), migrations: false, keys: false }
  }
}
