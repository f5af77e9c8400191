// The audit table: what was asked of the control plane, by which key, and how it ended. Each team has a log of its own in it, so
// that none can displace the rows of others by many calls.
import { and, desc, eq, lt, sql } from 'drizzle-orm'
import { type Bound, bind } from '../../database/bound.ts'
import type { Database } from '../../database/database.ts'
import { deleteFrom, insertSelect, select, update } from '../../database/query-builder.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { partitions } from '../../partitions/partition.table.ts'
import { audit, tenants } from '../control.table.ts'

/** The log of what is done with the control token and by the Cron. */
export const ROOT_LOG = ''
/** The log of calls without a key. No team can have the name. */
export const ANONYMOUS_LOG = '?'

/** How many rows a log keeps; the oldest are dropped, by one of so many calls, taken at random. */
const MAX_ROWS = 20_000
const CALLS_PER_DROP = 50
/** How long rows are kept. In milliseconds. */
const MAX_AGE = 90 * 24 * 3600 * 1000

/** A call as it is kept. */
export type AuditedCall = {
  team: string
  at: number
  operation: string | null
  method: string
  /** The partition's id; empty for none. */
  tenant: string
  /** Null: the name that the tenant has when the row is written. */
  tenantName: string | null
  /** The id of the key that was made or revoked. */
  subject: string | null
  key: string | null
  status: number
  ray: string | null
}

const newestNumber = (v: Slots<{ team: string }>) =>
  sql`(select max(${audit.number}) from ${audit} where ${audit.team} = ${v.team})`

const insertCall = statement<AuditedCall, { seq: number }>(
  (v, row) =>
    insertSelect(
      audit,
      {
        ...{ team: v.team, number: sql`coalesce(${newestNumber(v)}, 0) + 1`, at: v.at, operation: v.operation },
        ...{ method: v.method, tenant: sql`nullif(${v.tenant}, '')`, key: v.key, status: v.status, ray: v.ray },
        subject: v.subject,
        tenantName: sql`coalesce(${v.tenantName}, (
          select ${partitions.name} from ${partitions} where ${partitions.id} = ${v.tenant}))`,
      },
      sql`returning ${row({ seq: audit.seq })}`,
    ),
  { touches: 'tenant' },
)

const dropOldest = statement(
  (v: Slots<{ team: string; tenant: string; kept: number }>) =>
    deleteFrom(audit).where(and(eq(audit.team, v.team), sql`${audit.number} <= ${newestNumber(v)} - ${v.kept}`)),
  { touches: 'tenant' },
)

/** The statements that keep a call; the first returns the `seq` of its row. */
export const insertAudit = (call: AuditedCall): readonly Bound<unknown>[] => [
  bind(insertCall, call),
  ...(Math.random() * CALLS_PER_DROP < 1
    ? [bind(dropOldest, { team: call.team, tenant: call.tenant, kept: MAX_ROWS })]
    : []),
]

const setStatus = statement((v: Slots<{ seq: number; status: number }>) =>
  update(audit)
    .set({ status: sql`${v.status}` })
    .where(eq(audit.seq, v.seq)),
)

/** Writes how a call ended that was to end otherwise. */
export const correctAudit = (main: Database, seq: number, status: number) => main.all(setStatus, { seq, status })

const insertRemovals = statement<{ ids: string; at: number }>((v) =>
  insertSelect(
    audit,
    {
      team: sql`coalesce(${tenants.team}, '')`,
      number: sql`coalesce((select max(${audit.number}) from ${audit} where ${audit.team} = coalesce(${tenants.team}, '')), 0)
        + row_number() over (partition by ${tenants.team} order by ${tenants.expiresAt}, ${tenants.partitionId})`,
      at: v.at,
      ...{ operation: sql`'removeExpired'`, method: sql`'POST'`, key: sql`'cron'`, status: sql`204` },
      ...{ tenant: tenants.partitionId, tenantName: partitions.name },
    },
    sql`from json_each(${v.ids}) removed cross join ${tenants} on ${tenants.partitionId} = removed.value
      join ${partitions} on ${partitions.id} = ${tenants.partitionId}`,
  ),
)

/** The statement that keeps the removal of expired tenants, a row for each. It goes before the one that removes them. */
export const insertRemovalsOf = (ids: readonly string[]): Bound<unknown> =>
  bind(insertRemovals, { ids: JSON.stringify(ids), at: Date.now() })

/** The most rows that one run drops for their age. It reads one row where the oldest is in its time. */
const MAX_DROPPED = 200

const dropAged = statement<{ before: number; most: number }>(
  (v) => sql`
    delete from ${audit} where ${audit.at} < ${v.before} and ${audit.seq} in (
      select ${audit.seq} from ${audit} order by ${audit.seq}
      limit iif((select ${audit.at} from ${audit} order by ${audit.seq} limit 1) < ${v.before}, ${v.most}, 0))`,
)

/** Drops rows that are 90 days old. */
export const dropAgedAudit = (main: Database) => main.all(dropAged, { before: Date.now() - MAX_AGE, most: MAX_DROPPED })

const { seq, number, at, operation, method, tenant, tenantName, subject, key, status, ray, team } = audit
const columns = { at, operation, method, tenant, tenantName, subject, key, status, ray, team }

const selectAll = statement((v: Slots<{ before: number; limit: number }>) =>
  select({ number: seq, ...columns })
    .from(audit)
    .where(lt(seq, v.before))
    .orderBy(desc(seq))
    .limit(v.limit),
)

const selectOf = statement((v: Slots<{ of: string; before: number; limit: number }>) =>
  select({ number, ...columns })
    .from(audit)
    .where(and(eq(team, v.of), lt(number, v.before)))
    .orderBy(desc(number))
    .limit(v.limit),
)

/**
 * Calls, newest first: of a team's log, whose rows are numbered by themselves, or of all logs if `team` is null.
 * @param before only rows with a lower number
 */
export const listAudit = (main: Database, team: string | null, before: number, limit: number) =>
  team === null ? main.all(selectAll, { before, limit }) : main.all(selectOf, { of: team, before, limit })
