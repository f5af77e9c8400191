// Reads the audit table.
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { Database } from '../../database/database.ts'
import { ok } from '../../http/ok.ts'
import { validate } from '../../http/validate.ts'
import { listAudit } from '../access/audit.queries.ts'
import type { ControlEnv } from '../access/call.ts'
import { operation } from './operation.ts'
import { queryNumber } from './query-number.ts'

const Page = z.object({
  /** Only calls with a lower number: `next` of the page before. */
  before: queryNumber(1, 999_999_999_999, 999_999_999_999),
  limit: queryNumber(1, 1000, 100),
})

export const AuditedCall = z.object({
  number: z.int(),
  at: z.string(),
  operation: z.nullable(z.string()),
  method: z.string(),
  /** The id and the name that it had. */
  tenant: z.nullable(z.string()),
  tenantName: z.nullable(z.string()),
  /** The id of the key that was made or revoked. */
  subject: z.nullable(z.string()),
  /** `root` for the control token, `cron` for removals; null for a call without a key that counts. */
  key: z.nullable(z.string()),
  team: z.nullable(z.string()),
  status: z.int(),
  ray: z.nullable(z.string()),
})

/** Logs that are no team's have names that none can have. */
const isTeam = (log: string) => /^[a-z0-9-]+$/.test(log)

export const auditRoutes = new Hono<ControlEnv>().get(
  '/audit',
  operation({
    operationId: 'readAudit',
    key: 'team',
    summary:
      'What was asked of the control plane in the last 90 days, newest first; with a team’s key what is the team’s.',
    answer: z.object({ results: z.array(AuditedCall), next: z.nullable(z.int()) }),
  }),
  validate('query', Page),
  async (c) => {
    const { before, limit } = c.req.valid('query')
    // Past what local runs cache: rows are written there without a word to the cache.
    const rows = await listAudit(new Database(c.env.DB), c.get('call').caller.team, before, limit)
    const results = rows.map(({ at, team, ...row }) => ({
      ...row,
      at: new Date(at).toISOString(),
      team: isTeam(team) ? team : null,
    }))
    return ok(c, { results, next: rows.length < limit ? null : (rows.at(-1)?.number ?? null) })
  },
)
