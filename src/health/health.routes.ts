// Whether the tenant can answer, and whether it should be asked.
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
  // For those who run it, and no part of the API.
  .get('/ready', async (c) => {
    const checks = await readiness(c)
    const ready = Object.values(checks).every(Boolean)
    if (ready) return ok(c, { status: 'ready', checks })
    return c.json({ status: 'unavailable', checks }, 503, { ...JSON_UTF8, 'Retry-After': '5' })
  })

/** What has to be so before requests are sent here. Never answered from a cache. */
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
    // A table that is missing is a database that answers.
    return { database: /no such table/.test(error.message), migrations: false, keys: false }
  }
}
