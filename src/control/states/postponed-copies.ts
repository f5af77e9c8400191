// Copies of partitions whose rows are made when they are first needed. A test's own tenant mostly asks for few of the rows that
// it began with, and making and removing all of them takes longer than all else about it. A connection that sees every call
// can postpone them (src/embedded/postponed-copies.ts); in a deployment a copy is made at once.
import { eq, type SQL, sql } from 'drizzle-orm'
import { type Bound, bind, Database } from '../../database/database.ts'
import { type Databases, databasesOf } from '../../database/placement.ts'
import { deleteFrom, insertInto, select, update } from '../../database/query-builder.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { copiesOf } from '../../documents/copy-rows.ts'
import { type EntryList, literal } from '../../documents/entry-list.ts'
import { ownSettingList, settingList, userSettingList } from '../../settings/setting.section.ts'
import { postponedCopies, snapshots } from '../control.table.ts'
import { copyPartition } from './plant-snapshot.ts'
import { LISTS } from './sections.ts'
import { capture, captured, SEED } from './snapshot-parts.ts'

type Of = { partition: string }

const { partitionId, sourceId, createdAt, settingsMade } = postponedCopies

const touches = { touches: 'partition' } as const

/** When a list is still to be made, beyond that the copy is postponed: settings are made at once, or the own ones first. */
const MISSING: ReadonlyMap<EntryList, SQL> = new Map([
  [settingList, sql` and not ${settingsMade}`],
  [ownSettingList, sql` and not ${settingsMade}`],
  [userSettingList, sql` and ${settingsMade}`],
])

/**
 * A column of the note, for what is still to be made of `list`. Null where that is made, or nothing was postponed: then the
 * statements below add no row, and it does no harm that two requests send them at the same time.
 */
const noted = (v: Slots<Of>, column: typeof partitionId | typeof sourceId | typeof createdAt, list: EntryList): SQL =>
  sql`(select ${column} from ${postponedCopies} where ${partitionId} = ${v.partition}${MISSING.get(list) ?? sql``})`

const copyOf = (list: EntryList) => [
  ...copiesOf(list).map((copy) =>
    statement<Of>((v) => copy({ source: noted(v, sourceId, list), partition: v.partition }), touches),
  ),
  ...(list.derived ?? []).map(({ plant }) => plant),
]

/** Takes the first snapshot of lists that were made, which a reset restores. */
const captureOf = (...lists: readonly [EntryList, ...EntryList[]]) =>
  statement<Of>((v) => {
    const [source, at] = [noted(v, partitionId, lists[0]), noted(v, createdAt, lists[0])]
    return captured({ source, partition: v.partition, name: literal(SEED), at }, lists)
  }, touches)

const ownSettingPlants = [
  ...copyOf(ownSettingList),
  captureOf(ownSettingList),
  statement(
    (v: Slots<Of>) => update(postponedCopies).set({ settingsMade: true }).where(eq(partitionId, v.partition)),
    touches,
  ),
]

const [first, ...others] = LISTS.filter((list) => list !== settingList)

const plants = [
  ...[...LISTS, userSettingList].flatMap(copyOf),
  ...(first ? [captureOf(first, ...others)] : []),
  captureOf(settingList),
  captureOf(userSettingList),
  statement((v: Slots<Of>) => deleteFrom(postponedCopies).where(eq(partitionId, v.partition)), touches),
]

/**
 * The statements that make the rows of a postponed copy that are not made yet, as `copyPartition` and `capture` would have
 * when it was asked for. They belong into one batch.
 */
export const plantPostponed = (partition: string): Bound<unknown>[] => plants.map((plant) => bind(plant, { partition }))

/** As {@link plantPostponed}, of the partition's own settings alone. */
export const plantOwnSettings = (partition: string): Bound<unknown>[] =>
  ownSettingPlants.map((plant) => bind(plant, { partition }))

const insertPostponed = statement(
  (v: Slots<Of & { source: string; at: number }>) =>
    insertInto(postponedCopies).values({ partitionId: v.partition, sourceId: v.source, createdAt: v.at }),
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
  select({ partition: partitionId, source: sourceId, settingsMade }).from(postponedCopies),
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
