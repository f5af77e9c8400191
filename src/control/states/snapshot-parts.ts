// Snapshots as rows: the entries of every list, in parts that stay below the size of a row. They are taken off the tables
// inside the database, or come from outside.
import { and, eq, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { type Bound, bind } from '../../database/database.ts'
import { deleteFrom, insertInto, insertSelect } from '../../database/query-builder.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { type EntryList, literal } from '../../documents/entry-list.ts'
import { selectEntries } from '../../documents/read-entries.ts'
import type { Filled } from '../../documents/section.ts'
import { snapshots } from '../control.table.ts'
import type { PartRow } from './document.ts'
import { LISTS } from './sections.ts'

/** The snapshot a tenant began as. */
export const SEED = ''

export interface Named {
  partition: string
  name: string
}

/** Of the JSON in a row. A row of D1 holds two megabytes, an entry at most one. In characters. */
const PART_SIZE = 500_000

/** A list's entries in a partition, in parts. */
const partsOf = (list: EntryList, source: SQLWrapper) => sql`
  select ${literal(list.name)} as section, part, json_group_array(json(entry)) as entries, ${list.isDerived ? sql`0` : sql`count(*)`} as count
  from (
    select entry, sum(length(entry)) over (order by position) / ${literal(PART_SIZE)} as part
    from (${selectEntries(list, source)}) order by position
  ) group by part`

const readers = LISTS.map((list) =>
  statement<{ partition: string }, PartRow>(
    (v, row) => sql`
      select ${row({ section: sql<string>`section`, entries: sql<string>`entries` })}
      from (${partsOf(list, v.partition)}) order by part`,
    { touches: 'partition' },
  ),
)

/** What reads the whole of `partition`, in parts. */
export const readParts = (partition: string): Bound<PartRow>[] => readers.map((reader) => bind(reader, { partition }))

/** D1 takes so many selects in a union. */
const MAX_SELECTS = 5

/** All rows of the `selects`; unions of unions where there are too many for one. */
export function unionAll(selects: readonly SQL[]): SQL {
  if (selects.length <= MAX_SELECTS) {
    return sql.join(
      selects.map((one) => sql`select * from (${one})`),
      sql` union all `,
    )
  }
  const size = Math.ceil(selects.length / MAX_SELECTS)
  const groups = Array.from({ length: MAX_SELECTS }, (_, index) => selects.slice(index * size, (index + 1) * size))
  return unionAll(groups.filter((group) => group.length > 0).map(unionAll))
}

const captureAll = statement<Named & { source: string; at: number }>(
  (v) =>
    insertSelect(
      snapshots,
      {
        partitionId: v.partition,
        name: v.name,
        section: sql`section`,
        part: sql`part`,
        entries: sql`entries`,
        count: sql`count`,
        createdAt: v.at,
      },
      sql`from (${unionAll(LISTS.map((list) => partsOf(list, v.source)))})`,
    ),
  // What it reads of the source goes into no answer that could be remembered.
  { touches: 'partition' },
)

/** What keeps `source` as it is under `name` among the snapshots of `partition`; `at` in milliseconds since the epoch. */
export const capture = (source: string, partition: string, name: string, at: number): Bound<unknown> =>
  bind(captureAll, { source, partition, name, at })

const deleteParts = statement(
  (v: Slots<Named>) =>
    deleteFrom(snapshots)
      .where(and(eq(snapshots.partitionId, v.partition), eq(snapshots.name, v.name)))
      .returning({ part: snapshots.part }),
  { touches: 'partition' },
)

/** What forgets the snapshot, and tells whether there was one. */
export const dropSnapshot = (partition: string, name: string) => bind(deleteParts, { partition, name })

type Part = Named & { section: string; part: number; entries: string; count: number; at: number }

const insertPart = statement(
  (v: Slots<Part>) =>
    insertInto(snapshots).values({
      partitionId: v.partition,
      name: v.name,
      section: v.section,
      part: v.part,
      entries: v.entries,
      count: v.count,
      createdAt: v.at,
    }),
  { touches: 'partition' },
)

/** The entries as JSON, in lists that stay below the size of a row. */
function inParts(entries: readonly unknown[]): string[][] {
  const lists: string[][] = []
  let size = Number.POSITIVE_INFINITY
  for (const entry of entries) {
    const text = JSON.stringify(entry)
    if (size + text.length > PART_SIZE) {
      lists.push([])
      size = 0
    }
    lists.at(-1)?.push(text)
    size += text.length
  }
  return lists
}

/** What keeps the entries under `name` among the snapshots of `partition`. */
export const keepEntries = (partition: string, name: string, filled: readonly Filled[], at: number): Bound<unknown>[] =>
  filled.flatMap(({ list, entries }) =>
    inParts(entries).map((texts, part) =>
      bind(insertPart, {
        ...{ partition, name, at, part },
        ...{ section: list.name, entries: `[${texts.join()}]`, count: list.isDerived ? 0 : texts.length },
      }),
    ),
  )
