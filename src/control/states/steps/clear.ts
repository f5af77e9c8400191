// Empties a partition in steps, each with a transaction of its own.
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import type { Database } from '../../../database/database.ts'
import { nameOf } from '../../../database/query-builder.ts'
import type { Slots } from '../../../database/statement.ts'
import { clearsOf } from '../../../documents/plant-entries.ts'
import { settings } from '../../../settings/setting.table.ts'
import { snapshots } from '../../control.table.ts'
import { LISTS } from '../sections.ts'
import type { SnapshotKey } from '../snapshot-parts.ts'
import { inSteps, repeat } from './rows.ts'

type Of = { partition: string }

/** The rows of one step: with those that go with them by cascade, it takes some 8 ms. */
const STEP = 250

/** The parts of one step: one fills more than a hundred pages. */
const STEP_OF_PARTS = 10

// Ids of settings are those of all partitions: between two steps, another could take one that this partition is to have again. Its
// rows hold their ids until they are planted: as settings of no user, with a blob for their key, which is behind all texts.
const reserve = (condition: SQL) =>
  inSteps<Of>(
    () => sql`
      update ${settings} set ${nameOf(settings.userSeq)} = null, ${nameOf(settings.value)} = null,
      ${nameOf(settings.key)} = cast(${settings.id} as blob)`,
    (v) => sql`${settings} where ${settings.partitionId} = ${v.partition} and ${condition}`,
    STEP,
  )

const reserves = [reserve(sql`${settings.owner} > 0`), reserve(sql`${settings.owner} = 0 and ${settings.key} < x''`)]

const reserved = (v: Slots<Of>) =>
  sql`${settings.partitionId} = ${v.partition} and ${settings.owner} = 0 and ${settings.key} >= x''`

const deleteReserved = inSteps<Of>(
  () => sql`delete from ${settings}`,
  (v) => sql`${settings} where ${reserved(v)}`,
  STEP,
)

/** Deletes the settings that hold the ids which `ids` selects. */
export const releaseIds = (v: Slots<Of>, ids: SQL) =>
  sql`delete from ${settings} where ${settings.id} in (${ids}) and ${reserved(v)}`

const clears = LISTS.flatMap(clearsOf)
  .filter((table) => table !== settings)
  .map((table) =>
    inSteps<Of>(
      () => sql`delete from ${table}`,
      (v) => sql`${table} where ${table.partitionId} = ${v.partition}`,
      STEP,
    ),
  )

/** Removes all data of a partition, but for the ids of its settings, which it holds until {@link releaseAll}. */
export async function clearInSteps(database: Database, partition: string): Promise<void> {
  for (const each of [...reserves, ...clears]) await repeat(database, each, { partition })
}

/** Gives up the ids that are still held. */
export const releaseAll = (database: Database, partition: string) => repeat(database, deleteReserved, { partition })

/** A change of the parts of a snapshot, but not of the note that it is being taken, which has no section. */
export const partsInSteps = <Values extends Of>(
  change: (v: Slots<Values>) => SQL,
  name: (v: Slots<Values>) => SQLWrapper,
) =>
  inSteps<Values>(
    change,
    (v) => sql`${snapshots}
      where ${snapshots.partitionId} = ${v.partition} and ${snapshots.name} = ${name(v)} and ${snapshots.section} <> ''`,
    STEP_OF_PARTS,
  )

const dropParts = partsInSteps<SnapshotKey>(
  () => sql`delete from ${snapshots}`,
  (v) => v.name,
)

/** Removes a snapshot, but not the note that it is being taken. */
export const dropInSteps = (database: Database, { partition, name }: SnapshotKey) =>
  repeat(database, dropParts, { partition, name })
