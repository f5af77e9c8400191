// Snapshots of tenants, kept beside them: taken, planted again, read and written as documents.
import { and, eq, sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { type Bound, bind, type Database } from '../../database/database.ts'
import { deleteFrom, select } from '../../database/query-builder.ts'
import type { AppEnv } from '../../database/session.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { literal } from '../../documents/entry-list.ts'
import type { Filled } from '../../documents/section.ts'
import { faults, journal, snapshots } from '../control.table.ts'
import { disarm, load } from '../effects/armed.ts'
import { ControlProblem, contradiction } from '../problem.ts'
import type { PartRow } from './document.ts'
import { clearPartition, plantSnapshot } from './plant-snapshot.ts'
import { capture, dropSnapshot, keepEntries, type Named, readParts, SEED } from './snapshot-parts.ts'

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
  (v: Slots<Named>) =>
    select({ section: snapshots.section, entries: snapshots.entries })
      .from(snapshots)
      .where(and(eq(snapshots.partitionId, v.partition), eq(snapshots.name, v.name)))
      .orderBy(snapshots.section, snapshots.part),
  { touches: 'partition' },
)

/** Keeps the tenant as it is now under `name`, in the place of what was kept so before; tells whether there was something. */
export async function takeSnapshot(database: Database, partition: string, name: string) {
  const [before, , all] = await database.batch(
    dropSnapshot(partition, name),
    capture(partition, partition, name, Date.now()),
    bind(selectSnapshots, { partition }),
  )
  return { replaced: before.length > 0, taken: all.find((snapshot) => snapshot.name === name) }
}

const MISSING = 'no such snapshot'

// A path that is no JSON path fails the batch from inside a query: a tenant is not emptied for a snapshot that is gone.
const checkSnapshot = statement<Named, { there: number }>(
  (v, row) => sql`
    select ${row({
      there: sql<number>`json_extract('{}', iif(exists (
        select 1 from ${snapshots} where ${snapshots.partitionId} = ${v.partition} and ${snapshots.name} = ${v.name}
      ), '$', ${literal(MISSING)})) is not null`,
    })}`,
  { touches: 'partition' },
)

/** Makes the tenant what the snapshot says, and runs `others` in the same step. @throws ControlProblem 404, 409 */
export async function restoreSnapshot(
  database: Database,
  partition: string,
  name: string,
  others: readonly Bound<unknown>[] = [],
) {
  try {
    await database.batch(
      bind(checkSnapshot, { partition, name }),
      ...clearPartition(partition),
      ...plantSnapshot(partition, name),
      ...others,
    )
  } catch (error) {
    if (!(error instanceof Error && error.message.includes(MISSING))) throw error
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
export async function readSnapshot(database: Database, partition: string, name: string): Promise<PartRow[]> {
  const rows = await database.all(selectParts, { partition, name })
  if (rows.length === 0) throw new ControlProblem(404, 'There is no such snapshot.')
  return rows
}

/** The whole tenant, in parts. */
export async function dumpTenant(database: Database, partition: string): Promise<PartRow[]> {
  const parts = await database.batch(...readParts(partition))
  return parts.flat()
}

/** Makes the tenant what the entries say, in one step. @throws ControlProblem 422 where they contradict each other */
export async function loadEntries(
  database: Database,
  partition: string,
  filled: readonly Filled[],
  others: readonly Bound<unknown>[] = [],
) {
  // The same batch removes it; the random name keeps it apart from the snapshots that the tenant has.
  const name = `loading ${crypto.randomUUID()}`
  try {
    await database.batch(
      ...keepEntries(partition, name, filled, Date.now()),
      ...clearPartition(partition),
      ...plantSnapshot(partition, name),
      dropSnapshot(partition, name),
      ...others,
    )
  } catch (error) {
    throw contradiction(error)
  }
}

const clears = [faults, journal].map((table) =>
  statement((v: Slots<{ partition: string }>) => deleteFrom(table).where(eq(table.partitionId, v.partition)), {
    touches: 'partition',
  }),
)

/** Back to the beginning: the data as it was then, nothing armed, nothing written down. @throws ControlProblem 409 */
export async function resetTenant(c: Context<AppEnv>, partition: string, database: Database) {
  await restoreSnapshot(database, partition, SEED, [
    ...clears.map((one) => bind(one, { partition })),
    disarm(partition),
  ])
  await load(c.env, partition)
}
