// Questions to D1 about settings that are to be sealed anew, in the order of rows.
import { type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { bind, type Database } from '../database/database.ts'
import { nameOf } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { directoryEntities as users } from '../directory/directory.table.ts'
import { settings } from '../settings/setting.table.ts'

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

type After = { after: number }

const looked = alias(settings, 'looked')

/** The next rows behind `after`, as many as one step looks through, under the name of `looked`. */
const lookedThrough = (v: Slots<After>, columns: SQL) => sql`(
  select ${columns} from ${settings} where ${settings.id} > ${v.after}
  order by ${settings.id} limit ${sql.raw(`${WINDOW}`)}) ${looked}`

// SQLite's `like` ignores case for ASCII letters alone; what it lets through too much, the caller sorts out.
const candidates = statement<After & { endings: string; current: string }, KeptSetting>(
  (v, row) => sql`
    select ${row({
      id: looked.id,
      key: looked.key,
      value: sql<string>`${looked.value}`,
      partition: looked.partitionId,
      user: users.id,
    })}
    from ${lookedThrough(v, sql`*`)}
    left join ${users} on ${users.seq} = ${looked.userSeq}
    where ${looked.value} is not null and substr(${looked.value}, 1, length(${v.current})) <> ${v.current}
      and exists (select 1 from json_each(${v.endings}) e where ${looked.key} like '%' || e.value)
    order by ${looked.id} limit ${sql.raw(`${TAKEN}`)}`,
)

const windowEnd = statement<After, { last: number | null }>(
  (v, row) => sql`
    select ${row({ last: sql<number | null>`max(${looked.id})` })} from ${lookedThrough(v, sql`${settings.id}`)}`,
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
  (v, row) => sql`
    update ${settings} set ${nameOf(settings.value)} = swap.value ->> 2 from json_each(${v.swaps}) swap
    where ${settings.id} = swap.value ->> 0 and ${settings.value} = swap.value ->> 1
    returning ${row({ id: settings.id })}`,
)

/** Writes each new value where the old one still stands, all in one step; returns how many. */
export async function swapSettings(database: Database, swaps: readonly [id: number, old: string, value: string][]) {
  return (await database.all(swapValues, { swaps: JSON.stringify(swaps) })).length
}
