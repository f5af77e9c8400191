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
  // For operators. It has no contract: the OpenAPI document leaves it out.
  .get('/ready', async (c) => {
    const { checks, served } = await readiness(c)
    if (isReady(checks)) return ok(c, { status: 'ready', checks, ...served })
    return c.json({ status: 'unavailable', checks, ...served }, 503, { ...JSON_UTF8, 'Retry-After': '5' })
  })

interface Readiness {
  checks: { database: boolean; migrations: boolean; keys: boolean }
  /** The instance of the database that answered, if D1 says which. */
  served: { served?: { region?: string; primary?: boolean } }
}

const isReady = (checks: Readiness['checks']) => Object.values(checks).every(Boolean)

/**
 * Asks the nearest instance of the database, as reads with `.Read` scopes do. A replica may lag behind a migration or a new
 * key: what it lacks, the primary is asked for as well.
 */
async function readiness(c: Context<AppEnv>): Promise<Readiness> {
  const nearest = await checkAt(c, 'first-unconstrained')
  if (isReady(nearest.checks) || nearest.served.served?.primary) return nearest
  return checkAt(c, 'first-primary')
}

/** Checks the database, its migrations and the signing key. Asks each time: a remembered answer would hide an outage. */
async function checkAt(c: Context<AppEnv>, constraint: D1SessionConstraint): Promise<Readiness> {
  const { timing } = c.var
  let served: Readiness['served'] = {}
  try {
    const { signing } = await keyRing(c.env)
    const database = new Database(c.env.DB.withSession(constraint), {
      deadline: deadlineOf(c.env),
      onAnswer: (milliseconds) => timing?.add('d1', milliseconds),
      onCost: ([cost]) => {
        served = servedBy(cost?.meta)
      },
    })
    const { migrations, keys } = await checkDatabase(database, signing.kid)
    return { checks: { database: true, migrations, keys: keys || c.env.SIGNING_KEY !== undefined }, served }
  } catch (error) {
    if (!(error instanceof DatabaseFailure)) throw error
    // A missing table means that migrations are missing, and that the database answers.
    return { checks: { database: /no such table/.test(error.message), migrations: false, keys: false }, served }
  }
}

/** The region, in D1's own names (WEUR, ENAM …), and whether it was the primary. Miniflare names no region. */
function servedBy(meta: D1Meta | undefined): Readiness['served'] {
  const { served_by_region: region, served_by_primary: primary } = meta ?? {}
  if (region === undefined && primary === undefined) return {}
  return { served: { ...(region !== undefined && { region }), ...(primary !== undefined && { primary }) } }
}
