// Queries about settings.
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { bind } from '../database/bound.ts'
import type { Database } from '../database/database.ts'
import { excluded, insertSelect, nameOf } from '../database/query-builder.ts'
import { type SelectRow, type Slots, statement } from '../database/statement.ts'
import { directoryEntities as users } from '../directory/directory.table.ts'
import { partitions } from '../partitions/partition.table.ts'
import { settings } from './setting.table.ts'

/** Whose settings: a user's, or the partition's own. Ids are as the caller wrote them. */
export interface Owner {
  partition: string
  user: string | null
}

/** The ids as the database spells them; `userId` is null for an unknown user as well. */
export interface OwnerRow {
  partitionGlobalId: string
  userId: string | null
}

export interface SettingRow {
  id: number
  key: string
  value: string | null
}

const joinUser = (v: Slots<{ user: string }>) =>
  sql`left join ${users} on ${users.partitionId} = ${partitions.id} and ${users.id} = ${v.user}`

/** The settings of `owner`, the `seq` of a user or 0 for the partition's own, whose key equals `key`. */
const joinSettings = (owner: SQLWrapper, key: SQL) => sql`
  left join ${settings} on ${settings.partitionId} = ${partitions.id}
    and ${settings.owner} = ${owner} and ${settings.key} ${key}`

type Found = OwnerRow & { [Column in keyof SettingRow]: SettingRow[Column] | null }

const settingFields = { id: settings.id, key: settings.key, value: settings.value }
const userFields = { partitionGlobalId: partitions.id, userId: users.id }

const amongKeys = (v: Slots<{ keys: string }>) => sql`in (select value from json_each(${v.keys}))`

/** The partition's own settings among `keys`, and the partition itself; a row without a setting if there is none of them. */
export const selectOwn = statement<{ partition: string; keys: string }, Found>(
  (v, row) => sql`
    select ${row({ partitionGlobalId: partitions.id, userId: sql<string | null>`null`, ...settingFields })}
    from ${partitions} ${joinSettings(sql`0`, amongKeys(v))}
    where ${partitions.id} = ${v.partition}
    order by ${settings.id}`,
  { touches: 'partition', ownSettings: true },
)

/** As {@link selectOwn}, those of a user. */
const selectOfUser = statement<{ partition: string; user: string; keys: string }, Found>(
  (v, row) => sql`
    select ${row({ ...userFields, ...settingFields })}
    from ${partitions} ${joinUser(v)} ${joinSettings(users.seq, amongKeys(v))}
    where ${partitions.id} = ${v.partition}
    order by ${settings.id}`,
  { touches: 'partition' },
)

const selectOwner = statement<{ partition: string; user: string }, OwnerRow>(
  (v, row) => sql`
    select ${row(userFields)} from ${partitions} ${joinUser(v)} where ${partitions.id} = ${v.partition}`,
  { touches: 'partition' },
)

export type Written = SettingRow & { partitionGlobalId: string }

/**
 * Writes `settings`, pairs of key and value, as those of the user `seq`, or with null as the partition's own. Rows that exist
 * are joined and keep their id: an insert that conflicts on the key would use up an AUTOINCREMENT id each time.
 */
const upsert = (
  v: Slots<{ partition: string; settings: string }>,
  row: SelectRow<Written>,
  { seq, from }: { seq: SQLWrapper; from: SQL },
) => sql`
  ${insertSelect(
    settings,
    {
      ...{ id: settings.id, partitionId: partitions.id, userSeq: seq },
      ...{ key: sql`j.value ->> 0`, value: sql`j.value ->> 1` },
    },
    sql`from json_each(${v.settings}) j cross join ${partitions} on ${partitions.id} = ${v.partition} ${from}
      order by j.key`,
  )}
  on conflict (${nameOf(settings.id)}) do update set ${nameOf(settings.value)} = ${excluded(settings.value)}
  returning ${row({ ...settingFields, partitionGlobalId: settings.partitionId })}`

const ofKey = sql`= j.value ->> 0`

export const upsertOwn = statement<{ partition: string; settings: string }, Written>(
  (v, row) => upsert(v, row, { seq: sql`null`, from: sql`${joinSettings(sql`0`, ofKey)} where true` }),
  { touches: 'partition', ownSettings: true },
)

const upsertOfUser = statement<{ partition: string; user: string; settings: string }, Written>(
  (v, row) =>
    upsert(v, row, {
      seq: users.seq,
      from: sql`${joinUser(v)} ${joinSettings(users.seq, ofKey)} where ${users.seq} is not null`,
    }),
  { touches: 'partition' },
)

/** The owner's settings among `keys`, ascending by id; undefined if the partition is unknown. */
export async function listSettings(database: Database, { partition, user }: Owner, keys: readonly string[]) {
  const values = { partition, keys: JSON.stringify(keys) }
  const rows = await (user === null ? database.all(selectOwn, values) : database.all(selectOfUser, { ...values, user }))
  const [first] = rows
  if (!first) return undefined
  const found = rows.flatMap(({ id, key, value }) => (id === null || key === null ? [] : [{ id, key, value }]))
  return { owner: first, settings: found }
}

/**
 * Writes all of `rows` or none and returns what is stored, in no particular order.
 * Nothing is written, and the owner is undefined or without its user, if either is unknown.
 */
export async function upsertSettings(
  database: Database,
  { partition, user }: Owner,
  rows: readonly { key: string; value: string | null }[],
) {
  const pairs = JSON.stringify(rows.map(({ key, value }) => [key, value]))
  const values = { partition, settings: pairs }
  if (user !== null) {
    const place = { partition, user }
    const [[owner], settings] = await database.batch(bind(selectOwner, place), bind(upsertOfUser, { ...values, user }))
    return { owner, settings }
  }
  if (rows.length === 0) {
    const found = await database.first(selectOwn, { partition, keys: '[]' })
    return { owner: found, settings: [] }
  }
  // Written rows name the partition, and no row is written if it is unknown: no second statement has to look it up.
  const settings = await database.all(upsertOwn, values)
  const [first] = settings
  return { owner: first && { partitionGlobalId: first.partitionGlobalId, userId: null }, settings }
}
