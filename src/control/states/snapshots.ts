// Snapshots of a tenant's data: taken, listed, restored, read and removed. Dumps are read and loaded by the same means.
import { and, eq, sql } from 'drizzle-orm'
import { failUnless, isAbortedBy } from '../../database/abort.ts'
import { type Bound, bind } from '../../database/bound.ts'
import type { Database } from '../../database/database.ts'
import { deleteFrom, select } from '../../database/query-builder.ts'
import { type Slots, statement } from '../../database/statement.ts'
import type { EntryList } from '../../documents/entry-list.ts'
import type { Filled } from '../../documents/section.ts'
import { loginAttempts } from '../../users/login-attempt.table.ts'
import { countAnew } from '../access/meter.ts'
import { faults, journal, snapshots } from '../control.table.ts'
import { loadArmed, resetSettings } from '../effects/armed.ts'
import { ControlProblem, explainConstraint } from '../problem.ts'
import type { SnapshotPart } from './document.ts'
import { partOf } from './large-change.ts'
import { askForLack } from './name-fill.queries.ts'
import { fillPartition } from './name-fill.ts'
import { clearPartition, plantSnapshot } from './plant-snapshot.ts'
import { CAPTURING, capture, dropSnapshot, keepEntries, readParts, SEED, type SnapshotKey } from './snapshot-parts.ts'

export interface SnapshotRow {
  name: string
  entries: number
  createdAt: number
}

const selectSnapshots = statement<{ partition: string }, SnapshotRow>(
  (v, row) => sql`
    select ${row({
      name: snapshots.name,
      entries: sql<number>`sum(${snapshots.count})`,
      createdAt: sql<number>`max(${snapshots.createdAt})`,
    })}
    from ${snapshots} where ${snapshots.partitionId} = ${v.partition} and ${snapshots.name} <> ''
    group by ${snapshots.name} order by 3, 1`,
  { touches: 'partition' },
)

export const listSnapshots = (database: Database, partition: string) => database.all(selectSnapshots, { partition })

const selectParts = statement(
  (v: Slots<SnapshotKey>) =>
    select({ section: snapshots.section, entries: snapshots.entries })
      .from(snapshots)
      .where(and(eq(snapshots.partitionId, v.partition), eq(snapshots.name, v.name)))
      .orderBy(snapshots.section, snapshots.part),
  { touches: 'partition' },
)

/**
 * Keeps the tenant as it is now under `name`, in the place of a snapshot that had the name before. One atomic batch.
 * @returns whether there was one before, and the snapshot
 */
export async function takeSnapshot(database: Database, partition: string, name: string) {
  const at = Date.now()
  const taking = partOf({ is: 'captured', of: { partition, name, at } })
  const [before, , all] = await database.batch(
    dropSnapshot(partition, name),
    taking(capture(partition, partition, name, at)),
    bind(selectSnapshots, { partition }),
  )
  return { replaced: before.length > 0, taken: all.find((snapshot) => snapshot.name === name) }
}

const MISSING = 'no such snapshot'

const isThere = (v: Slots<SnapshotKey>) => sql`exists (
  select 1 from ${snapshots} where ${snapshots.partitionId} = ${v.partition} and ${snapshots.name} = ${v.name})`

// Fails the batch before it empties the tenant for a snapshot that another request has removed.
const checkSnapshot = statement<SnapshotKey, { there: number }>(
  (v, row) => sql`select ${row({ there: failUnless(isThere(v), MISSING) })}`,
  { touches: 'partition' },
)

/** The statements that replace all data of `partition` by that of its snapshot `name`. */
const replaceBy = (partition: string, name: string, part: ReturnType<typeof partOf>): Bound<unknown>[] => [
  ...clearPartition(partition).map(part),
  countAnew(partition),
  ...plantSnapshot(partition, name).map(part),
]

/**
 * Replaces all data of the tenant by that of its snapshot `name`, and runs `others`, in one atomic batch. Names of a snapshot
 * that has no keys for them get theirs in batches behind it.
 * @throws ControlProblem 404, or 409 for the snapshot of its beginning, where there is none
 */
export async function restoreSnapshot(
  database: Database,
  partition: string,
  name: string,
  others: readonly Bound<unknown>[] = [],
) {
  const part = partOf({ is: 'restored', of: { partition, name } })
  try {
    const rows: readonly (readonly unknown[])[] = await database.batch(
      bind(checkSnapshot, { partition, name }),
      ...replaceBy(partition, name, part),
      ...others,
      part(askForLack(partition)),
    )
    if (rows.at(-1)?.length) await fillPartition(database, partition)
  } catch (error) {
    if (!isAbortedBy(error, MISSING)) throw error
    throw name === SEED
      ? new ControlProblem(409, 'It is not known what the tenant began as.')
      : new ControlProblem(404, 'There is no such snapshot.')
  }
}

/** @throws ControlProblem 404 */
export async function deleteSnapshot(database: Database, partition: string, name: string) {
  const [dropped] = await database.batch(dropSnapshot(partition, name))
  if (dropped.length === 0) throw new ControlProblem(404, 'There is no such snapshot.')
}

/** @throws ControlProblem 404 */
export async function readSnapshot(database: Database, partition: string, name: string): Promise<SnapshotPart[]> {
  const rows = await database.all(selectParts, { partition, name })
  if (rows.length === 0) throw new ControlProblem(404, 'There is no such snapshot.')
  return rows
}

/** The data of the tenant in parts as those of a snapshot, of some lists. */
export async function dumpTenant(database: Database, partition: string, lists: readonly EntryList[]) {
  const parts: readonly (readonly SnapshotPart[])[] = await database.batch(...readParts(partition, lists))
  return parts.flat()
}

/**
 * Replaces all data of the tenant by `filled`, and runs `others`, in one atomic batch.
 * @throws ControlProblem 422 where the entries contradict each other
 */
export async function loadEntries(
  database: Database,
  partition: string,
  filled: readonly Filled[],
  others: readonly Bound<unknown>[] = [],
) {
  // A temporary snapshot, since tenants are planted from one inside the database. The same batch removes it again.
  const parts = await keepEntries(partition, CAPTURING, filled, Date.now())
  const part = partOf({ is: 'loaded', of: { partition, name: CAPTURING }, parts })
  try {
    await database.batch(
      ...parts.map(part),
      ...replaceBy(partition, CAPTURING, part),
      part(dropSnapshot(partition, CAPTURING)),
      ...others,
    )
  } catch (error) {
    throw explainConstraint(error)
  }
}

const clears = [faults, journal, loginAttempts].map((table) =>
  statement((v: Slots<{ partition: string }>) => deleteFrom(table).where(eq(table.partitionId, v.partition)), {
    touches: 'partition',
  }),
)

/**
 * Makes the tenant what it was when it was made: its data, no faults, the real time, an empty journal. One atomic batch.
 *
 * @param database opened for the request, see `changeSettings`
 * @throws ControlProblem 409 for a tenant that has no snapshot of its beginning
 */
export async function resetTenant(env: Cloudflare.Env, database: Database, partition: string) {
  await restoreSnapshot(database, partition, SEED, [
    ...clears.map((clear) => bind(clear, { partition })),
    resetSettings(partition),
  ])
  await loadArmed(env, partition)
}
