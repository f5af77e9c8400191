// Plants a partition from one of its snapshots in steps, each with a transaction of its own.
import { and, eq, sql } from 'drizzle-orm'
import { bind, type Database } from '../../../database/database.ts'
import { select } from '../../../database/query-builder.ts'
import { type Slots, statement } from '../../../database/statement.ts'
import type { EntryList } from '../../../documents/entry-list.ts'
import { derivedOf, plantsOf } from '../../../documents/plant-entries.ts'
import { settingList } from '../../../settings/setting.section.ts'
import { snapshots } from '../../control.table.ts'
import { keptEntries } from '../plant-snapshot.ts'
import { LISTS } from '../sections.ts'
import type { SnapshotKey } from '../snapshot-parts.ts'
import { releaseIds } from './clear.ts'

/** Of a part of a list, the entries of one step: those from `from` on, before `to`. */
type Slice = SnapshotKey & { part: number; from: number; to: number }

/** The accounts of one step, and the entries of other lists: it takes some 10 ms. */
const [STEP_OF_ACCOUNTS, STEP] = [250, 750]

const touches = { touches: 'partition' } as const

const entriesIn = (v: Slots<Slice>, { name }: EntryList) =>
  keptEntries(v, name, sql`and ${snapshots.part} = ${v.part} and e.key >= ${v.from} and e.key < ${v.to}`)

const release = statement<Slice>(
  (v) => releaseIds(v, sql`select entry ->> 'id' from ${entriesIn(v, settingList)}`),
  touches,
)

const plants = LISTS.map((list) => ({
  section: list.name,
  slices: [
    ...(list === settingList ? [release] : []),
    ...plantsOf(list).map((plant) =>
      statement<Slice>((v) => plant({ partition: v.partition, entries: entriesIn(v, list) }), touches),
    ),
  ],
  derived: derivedOf(list),
  step: list.beside ? STEP_OF_ACCOUNTS : STEP,
}))

const selectParts = statement(
  (v: Slots<SnapshotKey & { section: string }>) =>
    select({ part: snapshots.part })
      .from(snapshots)
      .where(and(eq(snapshots.partitionId, v.partition), eq(snapshots.name, v.name), eq(snapshots.section, v.section)))
      .orderBy(snapshots.part),
  touches,
)

const countEntries = statement<SnapshotKey & { section: string; part: number }, { entries: number }>(
  (v, row) => sql`
    select ${row({ entries: sql<number>`json_array_length(${snapshots.entries})` })} from ${snapshots}
    where ${snapshots.partitionId} = ${v.partition} and ${snapshots.name} = ${v.name}
      and ${snapshots.section} = ${v.section} and ${snapshots.part} = ${v.part}`,
  touches,
)

/** Fills a partition, which has to be empty, from one of its snapshots. */
export async function plantInSteps(database: Database, key: SnapshotKey): Promise<void> {
  for (const { section, slices, derived, step } of plants) {
    for (const { part } of await database.all(selectParts, { ...key, section })) {
      const counted = await database.first(countEntries, { ...key, section, part })
      for (let from = 0; from < (counted?.entries ?? 0); from += step) {
        await database.batch(...slices.map((slice) => bind(slice, { ...key, part, from, to: from + step })))
      }
    }
    if (derived.length > 0) await database.batch(...derived.map((one) => bind(one, { partition: key.partition })))
  }
}
