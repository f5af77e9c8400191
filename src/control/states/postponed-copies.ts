// Copies of partitions whose rows are made when they are first needed. A test's own tenant mostly asks for few of the rows that
// it began with, and making and removing all of them takes longer than all else about it. A connection that sees every call
// can postpone them (src/embedded/postponed-copies.ts); in a deployment a copy is made at once.
import { eq, type SQL, sql } from 'drizzle-orm'
import { type Bound, bind, Database } from '../../database/database.ts'
import { type Databases, databasesOf } from '../../database/placement.ts'
import { deleteFrom, insertSelect, select, update } from '../../database/query-builder.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { copiesOf } from '../../documents/copy-rows.ts'
import { type EntryList, literal } from '../../documents/entry-list.ts'
import { settingList } from '../../settings/setting.section.ts'
import { settings } from '../../settings/setting.table.ts'
import { postponedCopies, snapshots } from '../control.table.ts'
import { copyPartition } from './plant-snapshot.ts'
import { LISTS } from './sections.ts'
import { capture, captured, SEED } from './snapshot-parts.ts'

type Of = { partition: string }

const { partitionId, sourceId, createdAt, settingsApart, settingsMade } = postponedCopies

const touches = { touches: 'partition' } as const

/**
 * A column of the note, for what is still to be made of `list`. Null where that is made, or nothing was postponed: then the
 * statements below add no row, and it does no harm that two requests send them at the same time.
 */
function noted(v: Slots<Of>, column: typeof partitionId | typeof sourceId | typeof createdAt, list?: EntryList): SQL {
  const isMissing = list === settingList ? sql` and not ${settingsMade}` : sql``
  return sql`(select ${column} from ${postponedCopies} where ${partitionId} = ${v.partition}${isMissing})`
}

const copyOf = (list: EntryList) => [
  ...copiesOf(list).map((copy) =>
    statement<Of>((v) => copy({ source: noted(v, sourceId, list), partition: v.partition }), touches),
  ),
  ...(list.derived ?? []).map(({ plant }) => plant),
]

/** Takes the first snapshot of lists that were made, which a reset restores. */
const captureOf = (lists: readonly EntryList[]) =>
  statement<Of>((v) => {
    const [source, at] = [noted(v, partitionId, lists[0]), noted(v, createdAt, lists[0])]
    return captured({ source, partition: v.partition, name: literal(SEED), at }, lists)
  }, touches)

const captureSettings = captureOf([settingList])

const settingPlants = [
  ...copyOf(settingList),
  captureSettings,
  statement(
    (v: Slots<Of>) => update(postponedCopies).set({ settingsMade: true }).where(eq(partitionId, v.partition)),
    touches,
  ),
]

const plants = [
  ...LISTS.flatMap(copyOf),
  captureSettings,
  captureOf(LISTS.filter((list) => list !== settingList)),
  statement((v: Slots<Of>) => deleteFrom(postponedCopies).where(eq(partitionId, v.partition)), touches),
]

/**
 * The statements that make the rows of a postponed copy that are not made yet, as `copyPartition` and `capture` would have
 * when it was asked for. They belong into one batch.
 */
export const plantPostponed = (partition: string): Bound<unknown>[] => plants.map((plant) => bind(plant, { partition }))

/** As {@link plantPostponed}, of the settings alone, for a copy whose source has none of a user. */
export const plantPostponedSettings = (partition: string): Bound<unknown>[] =>
  settingPlants.map((plant) => bind(plant, { partition }))

const insertPostponed = statement<Of & { source: string; at: number }, { isApart: boolean }>(
  (v, row) => sql`
    ${insertSelect(
      postponedCopies,
      {
        ...{ partitionId: v.partition, sourceId: v.source, createdAt: v.at },
        settingsApart: sql`not exists (
          select 1 from ${settings} where ${settings.partitionId} = ${v.source} and ${settings.owner} > 0)`,
      },
      sql`where true`,
    )}
    returning ${row({ isApart: settingsApart })}`,
  touches,
)

/**
 * The statements that make `partition`, which has to be empty, a copy of `source` with that for its first snapshot, so that
 * they may be postponed.
 */
export function postponable(source: string, partition: string, at: number): Bound<unknown>[] {
  const copies = { source, partition, note: bind(insertPostponed, { source, partition, at }) }
  const statements = [...copyPartition(source, partition), capture(partition, partition, SEED, at)]
  return statements.map((bound) => ({ ...bound, copies }))
}

const selectPostponed = statement((_: Slots<Record<never, never>>) =>
  select({ partition: partitionId, source: sourceId, isApart: settingsApart, isMade: settingsMade }).from(
    postponedCopies,
  ),
)

/** The statement that lists the postponed copies of a database. */
export const listPostponed = () => bind(selectPostponed, {})

/** The tables whose rows are postponed. */
export const POSTPONED_TABLES = [
  ...LISTS.flatMap(({ rows, beside, derived = [] }) => [
    rows.table,
    ...(beside ? [beside.table] : []),
    ...derived.flatMap(({ table }) => table ?? []),
  ]),
  snapshots,
]

/** Makes the rows of all postponed copies, for whatever reads a database without knowing of them. */
export async function plantAllPostponed(env: Databases): Promise<void> {
  for (const { d1 } of databasesOf(env)) {
    const database = new Database(d1)
    const [copies] = await database.batch(listPostponed())
    for (const { partition } of copies) await database.batch(...plantPostponed(partition))
  }
}
