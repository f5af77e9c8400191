// The clock of a partition as SQL, for statements that find out which partition they are about: nobody can read its clock before.
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { tenantControls } from '../control/control.table.ts'

const field = (path: string) => sql`${tenantControls.control} ->> ${sql.raw(`'$.clock.${path}'`)}`

/**
 * SQL for the time that the clock of `partition` shows, in milliseconds since the epoch.
 * @param now the real time
 */
export const clockOf = (partition: SQLWrapper, now: SQLWrapper): SQL<number> => sql<number>`coalesce((
  select case ${field('is')}
    when 'frozen' then ${field('milliseconds')}
    when 'running' then ${field('milliseconds')} + ${now} - ${field('since')} end
  from ${tenantControls} where ${tenantControls.partitionId} = ${partition}), ${now})`
