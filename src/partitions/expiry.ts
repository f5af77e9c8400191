// The end of a tenant made on demand: from the moment its time is over it answers as if it were removed already, which may
// take the Cron a minute.
import { sql } from 'drizzle-orm'
import { tenants } from '../control/control.table.ts'
import { failUnless, isAbortedBy } from '../database/abort.ts'
import { bind } from '../database/bound.ts'
import type { Guard } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { notFound } from '../http/refusal.ts'

const EXPIRED = 'the time of the tenant is over'

const checkExpiry = statement<{ partition: string; now: number }, { there: number }>(
  (v, row) =>
    sql`select ${row({
      there: failUnless(
        sql`not exists (select 1 from ${tenants}
        where ${tenants.partitionId} = ${v.partition} and ${tenants.expiresAt} <= ${v.now})`,
        EXPIRED,
      ),
    })}`,
  { touches: 'partition' },
)

/** Fails a batch with 404 if the time of `partition` is over. */
export const expiryGuard = (partition: string): Guard => ({
  statement: bind(checkExpiry, { partition, now: Date.now() }),
  explain: (error) => (isAbortedBy(error, EXPIRED) ? notFound() : error),
})

/** Whether the time is over of what expires then, in milliseconds since the epoch; never for null. */
export const isExpired = ({ expiresAt }: { readonly expiresAt: number | null }) =>
  expiresAt !== null && expiresAt <= Date.now()
