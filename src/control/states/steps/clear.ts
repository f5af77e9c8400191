// Empties a partition in steps, each with a transaction of its own.
import { type SQL, sql } from 'drizzle-orm'
import { bind, type Database } from '../../../database/database.ts'
import { nameOf } from '../../../database/query-builder.ts'
import { type Slots, statement } from '../../../database/statement.ts'
import { literal } from '../../../documents/entry-list.ts'
import { clearsOf } from '../../../documents/plant-entries.ts'
import { settings } from '../../../settings/setting.table.ts'
import { snapshots } from '../../control.table.ts'
import { LISTS } from '../sections.ts'
import type { SnapshotKey } from '../snapshot-parts.ts'

type Of = { partition: string }

/** The rows of one step: with those that go with them by cascade, it takes some 15 ms. */
const STEP = 500

/** The parts of one step: one fills more than a hundred pages. */
const STEP_OF_PARTS = 10

const touches = { touches: 'partition' } as const

/** A statement that does something to some rows, and the query whether any are left. */
const inSteps = (change: (v: Slots<Of>) => SQL, rows: (v: Slots<Of>) => SQL) => ({
  change: statement<Of>(
    (v) => sql`${change(v)} where rowid in (select rowid from ${rows(v)} limit ${literal(STEP)})`,
    touches,
  ),
  left: statement<Of, { one: number }>(
    (v, row) => sql`select ${row({ one: sql<number>`1` })} from ${rows(v)} limit 1`,
    touches,
  ),
})

async function repeat(database: Database, { change, left }: ReturnType<typeof inSteps>, partition: string) {
  for (let rows = 1; rows > 0; ) {
    const [, found] = await database.batch(bind(change, { partition }), bind(left, { partition }))
    rows = found.length
  }
}

// Ids of settings are those of all partitions: between two steps, another could take one that this partition is to have again. Its
// rows hold their ids until they are planted: as settings of no user, with a blob for their key, which is behind all texts.
const reserve = (condition: SQL) =>
  inSteps(
    () => sql`
      update ${settings} set ${nameOf(settings.userSeq)} = null, ${nameOf(settings.value)} = null,
      ${nameOf(settings.key)} = cast(${settings.id} as blob)`,
    (v) => sql`${settings} where ${settings.partitionId} = ${v.partition} and ${condition}`,
  )

const reserves = [reserve(sql`${settings.owner} > 0`), reserve(sql`${settings.owner} = 0 and ${settings.key} < x''`)]

const reserved = (v: Slots<Of>) =>
  sql`${settings.partitionId} = ${v.partition} and ${settings.owner} = 0 and ${settings.key} >= x''`

const deleteReserved = inSteps(
  () => sql`delete from ${settings}`,
  (v) => sql`${settings} where ${reserved(v)}`,
)

/** Deletes the settings that hold the ids which `ids` selects. */
export const releaseIds = (v: Slots<Of>, ids: SQL) =>
  sql`delete from ${settings} where ${settings.id} in (${ids}) and ${reserved(v)}`

const clears = LISTS.flatMap(clearsOf)
  .filter((table) => table !== settings)
  .map((table) =>
    inSteps(
      () => sql`delete from ${table}`,
      (v) => sql`${table} where ${table.partitionId} = ${v.partition}`,
    ),
  )

/** Removes all data of a partition, but for the ids of its settings, which it holds until {@link releaseAll}. */
export async function clearInSteps(database: Database, partition: string): Promise<void> {
  for (const each of [...reserves, ...clears]) await repeat(database, each, partition)
}

/** Gives up the ids that are still held. */
export const releaseAll = (database: Database, partition: string) => repeat(database, deleteReserved, partition)

const dropParts = statement<SnapshotKey, { part: number }>(
  (v, row) => sql`
    delete from ${snapshots} where rowid in (
      select rowid from ${snapshots} where ${snapshots.partitionId} = ${v.partition} and ${snapshots.name} = ${v.name}
      order by ${snapshots.section}, ${snapshots.part} limit ${literal(STEP_OF_PARTS)})
    returning ${row({ part: snapshots.part })}`,
  touches,
)

/** Removes a snapshot. */
export async function dropInSteps(database: Database, key: SnapshotKey): Promise<void> {
  while ((await database.all(dropParts, key)).length > 0);
}
