// Queries that find settings to seal under the current key, in their table and in snapshots, window by window in the order of
// their row ids, and write them back.
import { type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { snapshots } from '../control/control.table.ts'
import { bind } from '../database/bound.ts'
import type { Database } from '../database/database.ts'
import { nameOf } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { directoryEntities as users } from '../directory/directory.table.ts'
import { settings } from '../settings/setting.table.ts'

export interface StoredSetting {
  id: number
  key: string
  value: string
  partition: string
  user: string | null
}

/** The rows that one step looks at, which bounds its cost, and the most of them that it seals anew. */
const WINDOW = 5000
const MAX_RESEALED = 100

/** The most characters of the values of one step: old and new together are one parameter, for which D1 takes 2 MB. */
const MAX_CHARACTERS = 300_000

type After = { after: number }

const inWindow = alias(settings, 'looked')

/** The next {@link WINDOW} rows behind the id `after`, under the alias `looked`. */
const window = (v: Slots<After>, columns: SQL) => sql`(
  select ${columns} from ${settings} where ${settings.id} > ${v.after}
  order by ${settings.id} limit ${sql.raw(`${WINDOW}`)}) ${inWindow}`

// `like` ignores the case of ASCII letters, as `isSealed` does. The two may differ in other letters: the caller checks each key.
const candidates = statement<After & { endings: string; current: string }, StoredSetting>(
  (v, row) => sql`
    select ${row({
      id: inWindow.id,
      key: inWindow.key,
      value: sql<string>`${inWindow.value}`,
      partition: inWindow.partitionId,
      user: users.id,
    })}
    from ${window(v, sql`*`)}
    left join ${users} on ${users.seq} = ${inWindow.userSeq}
    where ${inWindow.value} is not null and substr(${inWindow.value}, 1, length(${v.current})) <> ${v.current}
      and exists (select 1 from json_each(${v.endings}) e where ${inWindow.key} like '%' || e.value)
    order by ${inWindow.id} limit ${sql.raw(`${MAX_RESEALED}`)}`,
)

const windowEnd = statement<After, { last: number | null }>(
  (v, row) => sql`
    select ${row({ last: sql<number | null>`max(${inWindow.id})` })} from ${window(v, sql`${settings.id}`)}`,
)

/** The first of `rows`, as many as fit into one parameter; at least one, or a very long value would stop the run. */
function fitting(rows: readonly StoredSetting[]): StoredSetting[] {
  let left = MAX_CHARACTERS
  return rows.filter(({ value }, index) => {
    left -= value.length
    return index === 0 || left > 0
  })
}

/**
 * The next settings, at most 100, whose keys end like those of secrets and that are not sealed under the current key.
 *
 * @param after the id of the last row that was looked at
 * @param current the prefix of texts that are sealed under the current key
 * @returns `next` is the `after` of the next call; undefined if there are no more rows
 */
export async function listUnsealed(database: Database, after: number, endings: readonly string[], current: string) {
  const [found, [end]] = await database.batch(
    bind(candidates, { after, endings: JSON.stringify(endings), current }),
    bind(windowEnd, { after }),
  )
  const fit = fitting(found)
  const isWindowDone = fit.length === found.length && found.length < MAX_RESEALED
  return { found: fit, next: (isWindowDone ? end?.last : fit.at(-1)?.id) ?? undefined }
}

const swapValues = statement<{ swaps: string }, { id: number }>(
  (v, row) => sql`
    update ${settings} set ${nameOf(settings.value)} = swap.value ->> 2 from json_each(${v.swaps}) swap
    where ${settings.id} = swap.value ->> 0 and ${settings.value} = swap.value ->> 1
    returning ${row({ id: settings.id })}`,
)

/** Writes each new value by compare-and-swap: a setting that was changed meanwhile is left alone. Returns how many. */
export async function swapSettings(database: Database, swaps: readonly [id: number, old: string, value: string][]) {
  return (await database.all(swapValues, { swaps: JSON.stringify(swaps) })).length
}

/** Some entries of a list in a snapshot, as JSON. */
export interface StoredPart {
  row: number
  partition: string
  snapshot: string
  entries: string
}

/** The parts of snapshots that one step looks at: their JSON is parsed inside the database. */
const PARTS = 25

/** The size of the parts that one step brings into the Worker; it takes at least one. In characters. */
const MAX_PART_CHARACTERS = 1_000_000

type InList = { after: number; list: string }

const rowOf = sql.raw('rowid')

const partWindow = (v: Slots<InList>) => sql`(
  select ${rowOf} as part, ${snapshots.partitionId} as partition, ${snapshots.name} as snapshot, ${snapshots.entries} as entries
  from ${snapshots} where ${rowOf} > ${v.after} and ${snapshots.section} = ${v.list}
  order by ${rowOf} limit ${sql.raw(`${PARTS}`)})`

const partCandidates = statement<InList & { endings: string; current: string }, StoredPart & { candidates: number }>(
  (v, row) => sql`
    select ${row({
      row: sql<number>`part`,
      partition: sql<string>`partition`,
      snapshot: sql<string>`snapshot`,
      entries: sql<string>`entries`,
      candidates: sql<number>`candidates`,
    })}
    from (
      select *, count(*) over () as candidates, sum(length(entries)) over (order by part) - length(entries) as before
      from ${partWindow(v)} where exists (
        select 1 from json_each(entries) e join json_each(${v.endings}) ending
        on e.value ->> 'key' like '%' || ending.value
        where substr(e.value ->> 'value', 1, length(${v.current})) <> ${v.current}))
    where before < ${sql.raw(`${MAX_PART_CHARACTERS}`)} order by part`,
)

const partWindowEnd = statement<InList, { last: number | null }>(
  (v, row) => sql`select ${row({ last: sql<number | null>`max(part)` })} from ${partWindow(v)}`,
)

/**
 * The next parts of snapshots that have settings that {@link listUnsealed} would list.
 *
 * @param after the row id of the last part that was looked at. A snapshot taken meanwhile has a higher one, or that of a part
 *   that was removed: the next run comes to it.
 * @param list the name of the list that settings are in
 */
export async function listUnsealedParts(
  database: Database,
  { after, list, endings, current }: InList & { endings: readonly string[]; current: string },
) {
  const [found, [end]] = await database.batch(
    bind(partCandidates, { after, list, endings: JSON.stringify(endings), current }),
    bind(partWindowEnd, { after, list }),
  )
  const isWindowDone = found.length === (found[0]?.candidates ?? 0)
  return { found, next: (isWindowDone ? end?.last : found.at(-1)?.row) ?? undefined }
}

const swapPart = statement<{ part: number; old: string; entries: string }, { part: number }>(
  (v, row) => sql`
    update ${snapshots} set ${nameOf(snapshots.entries)} = ${v.entries}
    where ${rowOf} = ${v.part} and ${snapshots.entries} = ${v.old} returning ${row({ part: sql<number>`${rowOf}` })}`,
)

/** Writes the entries of a part by compare-and-swap: one that was removed or taken anew meanwhile is left alone. */
export const swapEntries = async (database: Database, part: number, old: string, entries: string) =>
  (await database.all(swapPart, { part, old, entries })).length > 0
