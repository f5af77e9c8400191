// Makes the rows of a postponed copy in steps: a transaction for all of a large one would hold up every other request until it ends.
// Nobody may read the copy or change its source meanwhile.
import { and, eq, gte, ne, or, type SQL, sql } from 'drizzle-orm'
import { bind } from '../../database/bound.ts'
import { Database } from '../../database/database.ts'
import { type Databases, databasesOf } from '../../database/placement.ts'
import { deleteFrom } from '../../database/query-builder.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { directoryEntities } from '../../directory/directory.table.ts'
import { copiesOf } from '../../documents/copy-rows.ts'
import { columnOf, type EntryList, literal } from '../../documents/entry-list.ts'
import { clearsOf, derivedOf } from '../../documents/plant-entries.ts'
import { OWN } from '../../documents/read-entries.ts'
import { settingList, userSettingList } from '../../settings/setting.section.ts'
import { settings } from '../../settings/setting.table.ts'
import { snapshots, tenants } from '../control.table.ts'
import { captureOf, copiesFor, forgetNote, listPostponed, noted, ownSettingPlants } from './plant-postponed.ts'
import { LISTS } from './sections.ts'
import { captured, ENTRY, PART_SIZE, SEED } from './snapshot-parts.ts'

type Of = { partition: string }

/** Of the accounts of a partition, those of one step: behind `after`, and up to `upTo`. */
export type Step = Of & { after: number; upTo: number }

/** The accounts of one step. Each comes with its names, memberships and settings: a step takes some 10 ms. */
const STEP = 250

/** The longest entry. In characters. */
const MAX_ENTRY = 1_048_576

/** The most parts that the entries of a step fill. */
export const MAX_PARTS = STEP * Math.ceil((MAX_ENTRY + ENTRY) / PART_SIZE)

const touches = { touches: 'partition' } as const

/** The column by which a row of the list belongs to an account. */
function accountOf(list: EntryList): SQL | undefined {
  const { table, columns } = list.rows
  // The index of settings has it under this name.
  if (list === userSettingList) return columnOf(OWN, settings.owner)
  if (table === directoryEntities) return columnOf(OWN, directoryEntities.seq)
  const found = columns.find(({ references }) => references === directoryEntities)
  return found && columnOf(OWN, found.column)
}

const lists = [...LISTS.filter((list) => list !== settingList), userSettingList]
/** The lists whose rows belong to accounts, and the condition for those of a step. */
export const ofAccounts = lists.flatMap((list) => {
  const account = accountOf(list)
  return account ? [{ list, within: (v: Slots<Step>) => sql`${account} > ${v.after} and ${account} <= ${v.upTo}` }] : []
})
export const others = lists.filter((list) => accountOf(list) === undefined)
const beginnings = [...ownSettingPlants, ...others.flatMap(copiesFor)]

const copies = ofAccounts.flatMap(({ list, within }) =>
  copiesOf(list).map((copy) =>
    statement<Step>(
      (v) => copy({ source: noted(v, tenants.copyOf, list), partition: v.partition, within: within(v) }),
      touches,
    ),
  ),
)

/** What is captured of the accounts of a step. Parts are numbered from `firstPart` on. */
export const extractsOf = (v: Slots<Step & { firstPart: number }>) =>
  ofAccounts.map(({ list, within }) => ({
    list,
    within: within(v),
    firstPart: sql`${literal(list.firstPart ?? 0)} + ${v.firstPart}`,
  }))

const captureStep = statement<Step & { firstPart: number }>((v) => {
  const [source, at] = [noted(v, tenants.partitionId, userSettingList), noted(v, tenants.createdAt, userSettingList)]
  return captured({ source, partition: v.partition, name: literal(SEED), at }, extractsOf(v))
}, touches)

const endings = [...lists.flatMap(derivedOf), captureOf(...others), forgetNote]

/** Removes what a run has made that was cut off, but for own settings, which may have been changed since. */
const clears = [
  ...lists
    .filter((list) => list !== userSettingList)
    .toReversed()
    .flatMap(clearsOf)
    .map((table) =>
      statement(
        (v: Slots<Of>) => deleteFrom(table).where(eq(table.partitionId, noted(v, tenants.partitionId))),
        touches,
      ),
    ),
  statement(
    (v: Slots<Of>) =>
      deleteFrom(snapshots).where(
        and(
          eq(snapshots.partitionId, noted(v, tenants.partitionId)),
          or(ne(snapshots.section, settingList.name), gte(snapshots.part, userSettingList.firstPart ?? 0)),
        ),
      ),
    touches,
  ),
]

/** Accounts of a partition whose numbers are close to each other. */
interface Run {
  first: number
  last: number
  accounts: number
}

/** The accounts of a partition by runs of so many numbers: several make a step. */
const RUN = STEP / 2

const selectRuns = statement<Of, Run>(
  (v, row) => sql`
    select ${row({
      first: sql<number>`min(${directoryEntities.seq})`,
      last: sql<number>`max(${directoryEntities.seq})`,
      accounts: sql<number>`count(*)`,
    })}
    from ${directoryEntities} where ${directoryEntities.partitionId} = ${v.partition}
    group by ${directoryEntities.seq} / ${literal(RUN)} order by 1`,
  touches,
)

/**
 * The most numbers that a step spans. Between the accounts of a partition are those of others, and a step passes these over one by
 * one: without a bound it would take longer the more there are.
 */
const MAX_SPAN = 8 * STEP

/** The steps through the accounts of a partition. None of them reaches beyond its accounts. */
export async function stepsThrough(database: Database, partition: string): Promise<{ after: number; upTo: number }[]> {
  const steps: Run[] = []
  for (const run of await database.all(selectRuns, { partition })) {
    const step = steps.at(-1)
    if (step && step.accounts + run.accounts <= STEP && run.last - step.first < MAX_SPAN) {
      step.last = run.last
      step.accounts += run.accounts
    } else steps.push({ ...run })
  }
  return steps.map(({ first, last }) => ({ after: first - 1, upTo: last }))
}

/**
 * Makes the rows of a postponed copy, step by step, each with a transaction of its own.
 * @param isPartial whether that was begun before and cut off: then what is there is removed first
 */
export async function plantInSteps(database: Database, source: string, partition: string, isPartial: boolean) {
  const bound = (statements: typeof beginnings) => statements.map((one) => bind(one, { partition }))
  if (isPartial) await database.batch(...bound(clears))
  await database.batch(...bound(beginnings))
  for (const step of await stepsThrough(database, source)) {
    await database.batch(...copies.map((copy) => bind(copy, { partition, ...step })))
  }
  for (const [index, step] of (await stepsThrough(database, partition)).entries()) {
    await database.batch(bind(captureStep, { partition, ...step, firstPart: MAX_PARTS * index }))
  }
  await database.batch(...bound(endings))
}

/** Makes the rows of all postponed copies, for whatever reads a database without knowing of them. */
export async function plantAllPostponed(env: Databases): Promise<void> {
  for (const { d1 } of databasesOf(env)) {
    const database = new Database(d1)
    const [copies] = await database.batch(listPostponed())
    for (const { source, partition, isPartial } of copies) {
      await plantInSteps(database, source, partition, isPartial === 1)
    }
  }
}
