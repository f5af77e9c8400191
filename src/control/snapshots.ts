// Snapshots of tenants, kept beside them: taken, planted again, read and written as documents.
import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { type Bound, bind, type Database } from '../database/database.ts'
import type { AppEnv } from '../database/session.ts'
import { statement } from '../database/statement.ts'
import { disarm, load } from './armed.ts'
import { faults, journal, snapshots } from './control.table.ts'
import type { Section, Sections } from './document.ts'
import { clearPartition, plantSnapshot } from './plant-sections.ts'
import { ControlProblem, contradiction } from './problem.ts'
import { capture, dropSnapshot, keepSections, readSections, SEED } from './sections.ts'

const { placeholder } = sql

interface Named {
  partition: string
  name: string
}

export interface SnapshotRow {
  name: string
  entries: number
  createdAt: number
}

const selectSnapshots = statement<{ partition: string }, SnapshotRow>(
  () => sql`
    select ${snapshots.name} as "name", sum(${snapshots.count}) as "entries", max(${snapshots.createdAt}) as "createdAt"
    from ${snapshots} where ${snapshots.partitionId} = ${placeholder('partition')} and ${snapshots.name} <> ''
    group by ${snapshots.name} order by 3, 1`,
)

export const listSnapshots = (database: Database, partition: string) => database.all(selectSnapshots, { partition })

interface PartRow {
  section: Section
  entries: string
}

const selectParts = statement<Named, PartRow>(
  () => sql`
    select ${snapshots.section} as "section", ${snapshots.entries} as "entries" from ${snapshots}
    where ${snapshots.partitionId} = ${placeholder('partition')} and ${snapshots.name} = ${placeholder('name')}
    order by ${snapshots.section}, ${snapshots.part}`,
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
  () => sql`
    select json_extract('{}', iif(exists (
      select 1 from ${snapshots}
      where ${snapshots.partitionId} = ${placeholder('partition')} and ${snapshots.name} = ${placeholder('name')}
    ), '$', ${sql.raw(`'${MISSING}'`)})) is not null as "there"`,
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
export async function readSnapshot(database: Database, partition: string, name: string): Promise<Sections> {
  const rows = await database.all(selectParts, { partition, name })
  if (rows.length === 0) throw new ControlProblem(404, 'There is no such snapshot.')
  return joined(rows)
}

/** The whole tenant. */
export async function dumpTenant(database: Database, partition: string): Promise<Sections> {
  const sections = await database.batch(...readSections(partition))
  return joined(sections.flat())
}

function joined(rows: readonly PartRow[]): Sections {
  const sections: Record<Section, unknown[]> = { directory: [], groups: [], members: [], settings: [], formerUsers: [] }
  for (const { section, entries } of rows) sections[section].push(...JSON.parse(entries))
  // What they hold is what `sections.ts` wrote.
  return sections as unknown as Sections
}

/** Makes the tenant what the sections say, in one step. @throws ControlProblem 422 where they contradict each other */
export async function loadSections(
  database: Database,
  partition: string,
  sections: Sections,
  others: readonly Bound<unknown>[] = [],
) {
  // Nobody else's: it is there within the batch alone.
  const name = `loading ${crypto.randomUUID()}`
  try {
    await database.batch(
      ...keepSections(partition, name, sections, Date.now()),
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
  statement<{ partition: string }>(() => sql`delete from ${table} where partition_id = ${placeholder('partition')}`),
)

/** Back to the beginning: the data as it was then, nothing armed, nothing written down. @throws ControlProblem 409 */
export async function resetTenant(c: Context<AppEnv>, partition: string, database: Database) {
  await restoreSnapshot(database, partition, SEED, [
    ...clears.map((one) => bind(one, { partition })),
    disarm(partition),
  ])
  await load(c.env, partition)
}
