// Snapshots as rows: the entries of each list as JSON, split into parts that fit into a row of D1. They are read off the tables
// inside the database, or written from a document.
import { and, eq, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { type Bound, bind } from '../../database/bound.ts'
import { deleteFrom, insertInto, insertSelect } from '../../database/query-builder.ts'
import { type Slots, type Statement, statement } from '../../database/statement.ts'
import { type EntryList, literal } from '../../documents/entry-list.ts'
import { selectEntries } from '../../documents/read-entries.ts'
import type { Filled } from '../../documents/section.ts'
import { mapInPieces } from '../../http/let-others-in.ts'
import { snapshots } from '../control.table.ts'
import type { SnapshotPart } from './document.ts'
import { partOf } from './large-change.ts'
import { LISTS } from './sections.ts'

/** The name of the snapshot that a tenant began as, which a reset restores. No snapshot of a test can have it. */
export const SEED = ''

/** The name of a snapshot that is being taken, and of a document that is being loaded. No snapshot of a test can have it. */
export const CAPTURING = ' capturing'

/** Identifies a snapshot. */
export interface SnapshotKey {
  partition: string
  name: string
}

/** To plant an entry takes as long as so many characters more of it would. */
export const ENTRY = 300

/**
 * The size at which a new part begins, in characters and {@link ENTRY} for each entry: one transaction plants a part in some 15 ms.
 * A row of D1 holds two megabytes, an entry at most one.
 */
export const PART_SIZE = 200_000

/** Of a list, the entries to read, and the number of the first part that they make. */
export interface Extract {
  readonly list: EntryList
  /** A condition for the rows of the list, as `OWN`. */
  readonly within?: SQL
  readonly firstPart?: SQLWrapper
}

/** A query for the entries of a list in the partition `source`, as parts. Their texts are joined, since json_group_array would parse each. */
const partsOf = ({ list, within, firstPart = literal(list.firstPart ?? 0) }: Extract, source: SQLWrapper) => sql`
  select ${literal(list.name)} as section, part + ${firstPart} as part, '[' || group_concat(entry) || ']' as entries, ${list.isDerived ? sql`0` : sql`count(*)`} as count
  from (
    select entry, sum(length(entry) + ${literal(ENTRY)}) over (order by position) / ${literal(PART_SIZE)} as part
    from (${selectEntries(list, source, within)}) order by position
  ) group by part`

/** The statement that reads the rows of a list as parts, those that `within` holds for. */
export const readerOf = <Values extends { partition: string }>(
  list: EntryList,
  within?: (v: Slots<Values>) => SQL,
): Statement<Values, SnapshotPart> =>
  statement<Values, SnapshotPart>(
    (v, row) => sql`
      select ${row({ section: sql<string>`section`, entries: sql<string>`entries` })}
      from (${partsOf({ list, ...(within && { within: within(v) }) }, v.partition)}) order by part`,
    { touches: 'partition' },
  )

const readers = new Map(LISTS.map((list) => [list.name, readerOf(list)]))

/** The statements that read the data of `partition`, as parts, of some lists. */
export const readParts = (partition: string, lists: readonly EntryList[]): Bound<SnapshotPart>[] =>
  lists.flatMap(({ name }) => {
    const reader = readers.get(name)
    const reading = partOf({ is: 'read', of: { partition, name: CAPTURING }, list: name })
    return reader ? [reading(bind(reader, { partition }))] : []
  })

/** D1 limits a compound select to five terms. */
const MAX_SELECTS = 5

/** All rows of the `selects`, nested where there are more than one compound select may have. */
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

/** What a snapshot is taken of, and where it is kept. */
interface Capturing {
  readonly source: SQLWrapper
  readonly partition: SQLWrapper
  readonly name: SQLWrapper
  readonly at: SQLWrapper
}

/** SQL that stores data of `source` as the snapshot `name` of `partition`. */
export const captured = ({ source, partition, name, at }: Capturing, extracts: readonly Extract[]): SQL =>
  insertSelect(
    snapshots,
    {
      partitionId: partition,
      name,
      section: sql`section`,
      part: sql`part`,
      entries: sql`entries`,
      count: sql`count`,
      createdAt: at,
    },
    sql`from (${unionAll(extracts.map((extract) => partsOf(extract, source)))})`,
  )

const WHOLE = LISTS.map((list) => ({ list }))

const captureAll = statement<SnapshotKey & { source: string; at: number }>(
  (v) => captured(v, WHOLE),
  // It reads rows of `source` too. `touches` leaves that out: of a write it says only whose cached rows become stale.
  { touches: 'partition' },
)

/**
 * The statement that stores the data of `source` as the snapshot `name` of `partition`.
 * @param at milliseconds since the epoch
 */
export const capture = (source: string, partition: string, name: string, at: number): Bound<unknown> =>
  bind(captureAll, { source, partition, name, at })

const deleteParts = statement(
  (v: Slots<SnapshotKey>) =>
    deleteFrom(snapshots)
      .where(and(eq(snapshots.partitionId, v.partition), eq(snapshots.name, v.name)))
      .returning({ part: snapshots.part }),
  { touches: 'partition' },
)

/** The statement that removes a snapshot; it returns rows if there was one. */
export const dropSnapshot = (partition: string, name: string) => bind(deleteParts, { partition, name })

type Part = SnapshotKey & { section: string; part: number; entries: string; count: number; at: number }

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

/** The entries as JSON texts, split into parts. */
async function inParts(entries: readonly unknown[]): Promise<string[][]> {
  const parts: string[][] = []
  let size = Number.POSITIVE_INFINITY
  for (const text of await mapInPieces(entries, (entry) => JSON.stringify(entry))) {
    if (size + text.length + ENTRY > PART_SIZE) {
      parts.push([])
      size = 0
    }
    parts.at(-1)?.push(text)
    size += text.length + ENTRY
  }
  return parts
}

/** The statements that store the entries as the snapshot `name` of `partition`. */
export async function keepEntries(
  partition: string,
  name: string,
  filled: readonly Filled[],
  at: number,
): Promise<Bound<unknown>[]> {
  const kept: Bound<unknown>[] = []
  for (const { list, entries } of filled) {
    for (const [part, texts] of (await inParts(entries)).entries()) {
      const count = list.isDerived ? 0 : texts.length
      kept.push(
        bind(insertPart, { partition, name, at, part, section: list.name, entries: `[${texts.join()}]`, count }),
      )
    }
  }
  return kept
}
