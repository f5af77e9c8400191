// Plants a tenant from one of its snapshots: statements that run inside the database, so that no data passes the Worker.
import { eq, sql } from 'drizzle-orm'
import { type Bound, bind } from '../../database/bound.ts'
import { deleteFrom } from '../../database/query-builder.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { copiesOf } from '../../documents/copy-rows.ts'
import { literal } from '../../documents/entry-list.ts'
import { clearsOf, derivedOf, plantsOf } from '../../documents/plant-entries.ts'
import { snapshots } from '../control.table.ts'
import { LISTS } from './sections.ts'
import { capture, dropSnapshot, type SnapshotKey } from './snapshot-parts.ts'

/** A subquery for the entries of a list in a snapshot: all, or those of its rows `e` of `json_each` that meet a condition. */
export const keptEntries = (v: Slots<SnapshotKey>, list: string, within = sql``) => sql`
  (select e.value as entry, ${snapshots.part} as part, e.key as position
   from ${snapshots} cross join json_each(${snapshots.entries}) e
   where ${snapshots.partitionId} = ${v.partition} and ${snapshots.name} = ${v.name}
     and ${snapshots.section} = ${literal(list)} ${within})`

const plants = LISTS.flatMap((list) => [
  ...plantsOf(list).map((plant) =>
    statement<SnapshotKey>((v) => plant({ partition: v.partition, entries: keptEntries(v, list.name) }), {
      touches: 'partition',
    }),
  ),
  ...derivedOf(list),
])

const copies = LISTS.flatMap((list) => [
  ...copiesOf(list).map((copy) =>
    // Of `source`, rows are only read: `touches` says whose cached rows become stale.
    statement<{ source: string; partition: string }>((v) => copy({ source: v.source, partition: v.partition }), {
      touches: 'partition',
    }),
  ),
  ...derivedOf(list),
])

/** The statements that fill `partition`, which has to be empty, with what `source` has now. They belong into one batch. */
export const copyPartition = (source: string, partition: string): Bound<unknown>[] =>
  copies.map((copy) => bind(copy, { source, partition }))

// In reverse order, so that rows go before those that they refer to.
const clears = LISTS.toReversed()
  .flatMap(clearsOf)
  .map((table) =>
    statement((v: Slots<{ partition: string }>) => deleteFrom(table).where(eq(table.partitionId, v.partition)), {
      touches: 'partition',
    }),
  )

/** The statements that fill `partition`, which has to be empty, from its snapshot `name`. They belong into one batch. */
export const plantSnapshot = (partition: string, name: string): Bound<unknown>[] =>
  plants.map((plant) => bind(plant, { partition, name }))

/**
 * The statements that fill a new `partition` from its snapshot `name` and then take the snapshot again. The first snapshot
 * lacks what the database adds when it is planted, such as the ids of settings; a reset has to restore the same ids.
 */
export const plantFirst = (partition: string, name: string, at: number): Bound<unknown>[] => [
  ...plantSnapshot(partition, name),
  dropSnapshot(partition, name),
  capture(partition, partition, name, at),
]

/** The statements that empty `partition`. They belong into the batch that plants it again. */
export const clearPartition = (partition: string): Bound<unknown>[] => clears.map((clear) => bind(clear, { partition }))
