// Makes the rows of postponed copies (postponed-copies.ts). A deployment postpones none, and has nothing of this.
import { eq, type SQL, sql } from 'drizzle-orm'
import { type Bound, bind } from '../../database/bound.ts'
import { update } from '../../database/query-builder.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { copiesOf } from '../../documents/copy-rows.ts'
import { type EntryList, literal } from '../../documents/entry-list.ts'
import { derivedOf } from '../../documents/plant-entries.ts'
import { groups } from '../../groups/group.table.ts'
import { ownSettingList, settingList, userSettingList } from '../../settings/setting.section.ts'
import { snapshots, tenants } from '../control.table.ts'
import { sizeOf } from './postponed-copies.ts'
import { LISTS } from './sections.ts'
import { captured, SEED } from './snapshot-parts.ts'

type Of = { partition: string }

const { partitionId, copyOf, createdAt, copyHasSettings } = tenants

const touches = { touches: 'partition' } as const

/** When a list is still to be made, beyond that the copy is postponed: settings are made at once, or the own ones first. */
const MISSING: ReadonlyMap<EntryList, SQL> = new Map([
  [settingList, sql` and not ${copyHasSettings}`],
  [ownSettingList, sql` and not ${copyHasSettings}`],
  [userSettingList, sql` and ${copyHasSettings}`],
])

/**
 * A column of the note, for what is still to be made of `list`. Null where that is made, or nothing was postponed: then the
 * statements below add no row, and it does no harm that two requests send them at the same time.
 */
export const noted = (
  v: Slots<Of>,
  column: typeof partitionId | typeof copyOf | typeof createdAt,
  list?: EntryList,
): SQL =>
  sql`(select ${column} from ${tenants} where ${partitionId} = ${v.partition} and ${copyOf} is not null${(list && MISSING.get(list)) ?? sql``})`

export const copiesFor = (list: EntryList) =>
  copiesOf(list).map((copy) =>
    statement<Of>((v) => copy({ source: noted(v, copyOf, list), partition: v.partition }), touches),
  )

/** Takes the first snapshot of lists that were made at the same time, which a reset restores. */
export const captureOf = (...lists: readonly EntryList[]) =>
  statement<Of>((v) => {
    const [source, at] = [noted(v, partitionId, lists[0]), noted(v, createdAt, lists[0])]
    const extracts = lists.map((list) => ({ list }))
    return captured({ source, partition: v.partition, name: literal(SEED), at }, extracts)
  }, touches)

export const ownSettingPlants = [
  ...copiesFor(ownSettingList),
  captureOf(ownSettingList),
  statement(
    (v: Slots<Of>) => update(tenants).set({ copyHasSettings: true }).where(eq(partitionId, v.partition)),
    touches,
  ),
]

/** Notes that all rows are made. */
export const forgetNote = statement(
  (v: Slots<Of>) => update(tenants).set({ copyOf: sql`null` }).where(eq(partitionId, v.partition)),
  touches,
)

const plants = [
  ...[...LISTS, userSettingList].flatMap((list) => [...copiesFor(list), ...derivedOf(list)]),
  captureOf(...LISTS.filter((list) => list !== settingList)),
  captureOf(settingList),
  captureOf(userSettingList),
  forgetNote,
]

/**
 * The statements that make the rows of a postponed copy that are not made yet, as `copyPartition` and `capture` would have
 * when it was asked for. They belong into one batch.
 */
export const plantPostponed = (partition: string): Bound<unknown>[] => plants.map((plant) => bind(plant, { partition }))

/** As {@link plantPostponed}, of the partition's own settings alone. */
export const plantOwnSettings = (partition: string): Bound<unknown>[] =>
  ownSettingPlants.map((plant) => bind(plant, { partition }))

export interface Postponed {
  partition: string
  source: string
  /** How many accounts it has. */
  size: number
  /** Whether its own settings are made. */
  hasSettings: boolean
  /** Whether more of its rows are made, by a run that was cut off. */
  isPartial: number
}

const selectPostponed = statement<Record<never, never>, Postponed>(
  (_, row) => sql`
    select ${row({
      partition: partitionId,
      source: sql<string>`${copyOf}`,
      size: sizeOf(copyOf),
      hasSettings: copyHasSettings,
      isPartial: sql<number>`exists (select 1 from ${groups} where ${groups.partitionId} = ${partitionId})`,
    })}
    from ${tenants} where ${copyOf} is not null`,
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
