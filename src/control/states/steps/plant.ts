// Plants a partition from one of its snapshots in steps, each with a transaction of its own.
import { and, eq, sql } from 'drizzle-orm'
import { bind } from '../../../database/bound.ts'
import type { Database } from '../../../database/database.ts'
import { select } from '../../../database/query-builder.ts'
import { type Slots, statement } from '../../../database/statement.ts'
import { type EntryList, literal } from '../../../documents/entry-list.ts'
import { derivedOf, plantsOf } from '../../../documents/plant-entries.ts'
import { settingList } from '../../../settings/setting.section.ts'
import { snapshots } from '../../control.table.ts'
import { keptEntries } from '../plant-snapshot.ts'
import { LISTS } from '../sections.ts'
import { ENTRY, PART_SIZE, type SnapshotKey } from '../snapshot-parts.ts'
import { releaseIds } from './clear.ts'

/** The parts of a list that one step plants. */
interface Range {
  first: number
  last: number
}

/** Parts that one step plants together. The accounts of a step are captured as a part and the little that it does not hold. */
const MAX_SIZE = 1.25 * PART_SIZE

const touches = { touches: 'partition' } as const

const entriesIn = (v: Slots<SnapshotKey & Range>, { name }: EntryList) =>
  keptEntries(v, name, sql`and ${snapshots.part} >= ${v.first} and ${snapshots.part} <= ${v.last}`)

const release = statement<SnapshotKey & Range>(
  (v) => releaseIds(v, sql`select entry ->> 'id' from ${entriesIn(v, settingList)}`),
  touches,
)

const plants = LISTS.map((list) => ({
  section: list.name,
  statements: [
    ...(list === settingList ? [release] : []),
    ...plantsOf(list).map((plant) =>
      statement<SnapshotKey & Range>((v) => plant({ partition: v.partition, entries: entriesIn(v, list) }), touches),
    ),
  ],
  derived: derivedOf(list),
  // Of derived entries the number is not kept.
  limit: list.isDerived ? 0 : MAX_SIZE,
}))

// Of a text, SQLite knows the octets without reading it.
const selectParts = statement(
  (v: Slots<SnapshotKey & { section: string }>) =>
    select({
      part: snapshots.part,
      size: sql<number>`octet_length(${snapshots.entries}) + ${literal(ENTRY)} * ${snapshots.count}`,
    })
      .from(snapshots)
      .where(and(eq(snapshots.partitionId, v.partition), eq(snapshots.name, v.name), eq(snapshots.section, v.section)))
      .orderBy(snapshots.part),
  touches,
)

/** Parts that follow one another, so many at once that they are not larger than the limit, or one that is. */
function rangesOf(parts: readonly { part: number; size: number }[], limit: number): Range[] {
  const ranges: Range[] = []
  let total = Number.POSITIVE_INFINITY
  for (const { part, size } of parts) {
    const range = ranges.at(-1)
    total += size
    if (range && total <= limit) range.last = part
    else {
      ranges.push({ first: part, last: part })
      total = size
    }
  }
  return ranges
}

/** Fills a partition, which has to be empty, from one of its snapshots. */
export async function plantInSteps(database: Database, key: SnapshotKey): Promise<void> {
  for (const { section, statements, derived, limit } of plants) {
    const parts = await database.all(selectParts, { ...key, section })
    for (const range of rangesOf(parts, limit)) {
      await database.batch(...statements.map((plant) => bind(plant, { ...key, ...range })))
    }
    if (derived.length > 0) await database.batch(...derived.map((one) => bind(one, { partition: key.partition })))
  }
}
