// What a statement has to do with partitions, read off its SQL and its values.
import { getTableName } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { signingKeys } from '../auth/signing-key.table.ts'
import { clients } from '../connect/client.table.ts'
import { audit, tenantControls, tenants } from '../control/control.table.ts'
import { POSTPONED_TABLES } from '../control/states/plant-postponed.ts'
import { WITHOUT_SECTION } from '../control/states/sections.ts'
import type { Batch, Bound } from '../database/bound.ts'
import { partitions } from '../partitions/partition.table.ts'
import { settings } from '../settings/setting.table.ts'
import { peppers } from '../users/pepper.table.ts'

/** Values that are longer are no id. In characters. */
const MAX_ID = 256

const anyOf = (tables: readonly SQLiteTable[]) => tables.map((table) => `"${getTableName(table)}"`).join('|')

/** Whether a statement reads or writes rows that copies have. */
export const touchesRows = remembered(new RegExp(anyOf(POSTPONED_TABLES)))

/** Tables whose rows are of no partition. */
const OF_NONE: readonly SQLiteTable[] = [signingKeys, peppers, audit]

/** Whether a statement reads or writes rows that go when their partition is removed, or the partition itself. */
export const touchesPartitions = remembered(
  new RegExp(
    anyOf([...POSTPONED_TABLES, ...WITHOUT_SECTION.flatMap(([table]) => (OF_NONE.includes(table) ? [] : table))]),
  ),
)

/** Whether a statement removes partitions, and by cascade all that they have. */
export const removesPartitions = remembered(new RegExp(`^delete from (?:${anyOf([partitions])})`))

/** Whether a statement writes what rows that others of its batch have returned tell of. */
export const writesTold = remembered(
  new RegExp(
    `^(?:(?:insert into|update|delete from) (?:${anyOf([clients, settings, tenantControls])})|update ${anyOf([tenants])} set)`,
  ),
)

/** Whether the SQL of a statement matches, which is found out once for each statement. */
function remembered(pattern: RegExp): (bound: Bound<unknown>) => boolean {
  const known = new Map<number, boolean>()
  return ({ number, sql }) => {
    const before = known.get(number)
    if (before !== undefined) return before
    const matches = pattern.test(sql)
    known.set(number, matches)
    return matches
  }
}

/** The ids of partitions that a statement may be about, in lower case, among other values of it; undefined if it may be any. */
export const namedBy = ({ partition, values }: Bound<unknown>): string[] | undefined =>
  partition === undefined ? undefined : [partition, ...values.flatMap(idIn)]

const idIn = (value: unknown) => (typeof value === 'string' && value.length <= MAX_ID ? value.toLowerCase() : [])

/** The ids of the partitions that a statement removes or ends: one, or a list as JSON. In lower case. */
export const removedBy = ({ values: [ids] }: Bound<unknown>): string[] => {
  const text = `${ids}`.toLowerCase()
  return text.startsWith('[') ? JSON.parse(text) : [text]
}

/** Whether a batch reads or writes rows of the partition `id`, or removes it. */
export const isConcerned = (id: string, batch: Batch) => batch.some((bound) => concerns(id, bound))

function concerns(id: string, bound: Bound<unknown>): boolean {
  if (removesPartitions(bound)) return removedBy(bound).includes(id)
  if (!touchesRows(bound)) return false
  return namedBy(bound)?.includes(id) ?? true
}
