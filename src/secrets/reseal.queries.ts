// Questions to D1 about settings that are to be sealed anew, in the order of rows.
import { sql } from 'drizzle-orm'
import { bind, type Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { directoryEntities as users } from '../directory/directory.table.ts'
import { settings } from '../settings/setting.table.ts'

const { placeholder } = sql

export interface KeptSetting {
  id: number
  key: string
  value: string
  partition: string
  user: string | null
}

/** How many rows one step looks through, and the most that it takes out of them. */
const WINDOW = 5000
const TAKEN = 100

/** Of the values of one step: old and new ones together have to stay below D1's 2 MB for a parameter. */
const MAX_CHARACTERS = 300_000

// SQLite's `like` knows no case; what its pattern lets through too much, the caller sorts out.
const candidates = statement<{ after: number; endings: string; current: string }, KeptSetting>(
  () => sql`
    select s.id as "id", s.key as "key", s.value as "value", s.partition_id as "partition", ${users.id} as "user"
    from (select * from ${settings} where id > ${placeholder('after')} order by id limit ${sql.raw(`${WINDOW}`)}) s
    left join ${users} on ${users.seq} = s.user_seq
    where s.value is not null and substr(s.value, 1, length(${placeholder('current')})) <> ${placeholder('current')}
      and exists (select 1 from json_each(${placeholder('endings')}) e where s.key like '%' || e.value)
    order by s.id limit ${sql.raw(`${TAKEN}`)}`,
)

const windowEnd = statement<{ after: number }, { last: number | null }>(
  () => sql`
    select max(id) as "last"
    from (select id from ${settings} where id > ${placeholder('after')} order by id limit ${sql.raw(`${WINDOW}`)})`,
)

/** As many of `rows` as go back in one parameter, but one at least. */
function fitting(rows: readonly KeptSetting[]): KeptSetting[] {
  let left = MAX_CHARACTERS
  return rows.filter(({ value }, index) => {
    left -= value.length
    return index === 0 || left > 0
  })
}

/**
 * Settings behind `after`, at most 100, that are secret by the ending of their keys and do not begin with `current`; and
 * the row to go on behind, undefined at the end.
 */
export async function listUnsealed(database: Database, after: number, endings: readonly string[], current: string) {
  const [found, [end]] = await database.batch(
    bind(candidates, { after, endings: JSON.stringify(endings), current }),
    bind(windowEnd, { after }),
  )
  const fit = fitting(found)
  const all = fit.length === found.length && found.length < TAKEN
  return { found: fit, next: (all ? end?.last : fit.at(-1)?.id) ?? undefined }
}

const swapValues = statement<{ swaps: string }, { id: number }>(
  () => sql`
    update ${settings} set value = swap.value ->> 2 from json_each(${placeholder('swaps')}) swap
    where ${settings.id} = swap.value ->> 0 and ${settings.value} = swap.value ->> 1
    returning id`,
)

/** Writes each new value where the old one still stands, all in one step; returns how many. */
export async function swapSettings(database: Database, swaps: readonly [id: number, old: string, value: string][]) {
  return (await database.all(swapValues, { swaps: JSON.stringify(swaps) })).length
}
