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
import { checkDatabase, tryWriting } from './readiness.queries.ts'

const Readiness = z.object({
  status: z.enum(['ready', 'unavailable']),
  checks: z.object({
    database: z.boolean(),
    migrations: z.boolean(),
    keys: z.boolean(),
    /** In a local run: whether its disk keeps what is written. */
    writes: z.optional(z.boolean()),
  }),
  /** Which copy of the database answered. Nulls where it does not say, as in a local run. */
  answered: z.object({ region: z.nullable(z.string()), primary: z.nullable(z.boolean()) }),
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
        const { checks, answered } = await readiness(c)
        const ready = Object.values(checks).every(Boolean)
        if (ready) return ok(c, { status: 'ready', checks, answered })
        return c.json({ status: 'unavailable', checks, answered }, 503, { ...JSON_UTF8, 'Retry-After': '5' })
      },
    ),
  )

/**
 * Checks the nearest copy of the database, its migrations and the signing key. Asks each time: a remembered answer would
 * hide an outage.
 */
async function readiness(c: Context<AppEnv>) {
  const timing = c.get('timing')
  const answered: z.infer<typeof Readiness>['answered'] = { region: null, primary: null }
  try {
    const { signing } = await keyRing(c.env)
    // Embedded, a session is answered from memory.
    const nearest = c.env.EMBEDDED ? c.env.DB : c.env.DB.withSession('first-unconstrained')
    const database = new Database(nearest, {
      deadline: deadlineOf(c.env),
      onCost: ([cost]) => {
        answered.region = cost?.meta.served_by_region ?? null
        answered.primary = cost?.meta.served_by_primary ?? null
      },
      onAnswer: (milliseconds) => timing?.add('d1', milliseconds),
    })
    const { migrations, keys } = await checkDatabase(database, signing.kid)
    const checks = { database: true, migrations, keys: keys || c.env.SIGNING_KEY !== undefined }
    return { checks: c.env.EMBEDDED ? { ...checks, writes: await keepsWrites(database) } : checks, answered }
  } catch (error) {
    if (!(error instanceof DatabaseFailure)) throw error
    // A missing table means that migrations are missing, and that the database answers.
    const database = /no such table/.test(error.message)
    return { checks: { database, migrations: false, keys: false }, answered }
  }
}

/** Whether a write is kept. A local run tries one: its disk may be full. A deployment has no disk, and pays for writes. */
async function keepsWrites(database: Database): Promise<boolean> {
  try {
    await tryWriting(database)
    return true
  } catch (error) {
    if (!(error instanceof DatabaseFailure)) throw error
    return false
  }
}
