// Plants a tenant from a snapshot, list by list, inside the database.
import { eq, sql } from 'drizzle-orm'
import { type Bound, bind } from '../../database/database.ts'
import { deleteFrom } from '../../database/query-builder.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { literal } from '../../documents/entry-list.ts'
import { clearsOf, plantsOf } from '../../documents/plant-entries.ts'
import { snapshots } from '../control.table.ts'
import { LISTS } from './sections.ts'
import { capture, dropSnapshot, type SnapshotKey } from './snapshot-parts.ts'

/** The entries of a list in a snapshot. */
const keptEntries = (v: Slots<SnapshotKey>, list: string) => sql`
  (select e.value as entry, ${snapshots.part} as part, e.key as position
   from ${snapshots} cross join json_each(${snapshots.entries}) e
   where ${snapshots.partitionId} = ${v.partition} and ${snapshots.name} = ${v.name}
     and ${snapshots.section} = ${literal(list)})`

const plants = LISTS.flatMap((list) => [
  ...plantsOf(list).map((plant) =>
    statement<SnapshotKey>((v) => plant({ partition: v.partition, entries: keptEntries(v, list.name) }), {
      touches: 'partition',
    }),
  ),
  ...(list.derived ?? []).map(({ plant }) => plant),
])

// What others refer to goes last.
const clears = LISTS.toReversed()
  .flatMap(clearsOf)
  .map((table) =>
    statement((v: Slots<{ partition: string }>) => deleteFrom(table).where(eq(table.partitionId, v.partition)), {
      touches: 'partition',
    }),
  )

/** What fills `partition`, which is empty, with what its snapshot `name` says; all of it goes into one batch. */
export const plantSnapshot = (partition: string, name: string): Bound<unknown>[] =>
  plants.map((one) => bind(one, { partition, name }))

/**
 * What fills a new `partition` with its snapshot `name`, and takes that snapshot again: the entries it was planted from do
 * not have the ids that were given out only now.
 */
export const plantFirst = (partition: string, name: string, at: number): Bound<unknown>[] => [
  ...plantSnapshot(partition, name),
  dropSnapshot(partition, name),
  capture(partition, partition, name, at),
]

/** What empties `partition`, to be planted anew in the same batch. */
export const clearPartition = (partition: string): Bound<unknown>[] => clears.map((one) => bind(one, { partition }))
