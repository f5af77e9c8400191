// Questions to D1 about settings.
import { type SQL, sql } from 'drizzle-orm'
import { bind, type Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
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

const { placeholder } = sql

/** The owner's user, if one is named, and its settings whose key equals `key`. */
const joinOwned = (key: SQL) => sql`
  left join ${users} on ${users.partitionId} = ${partitions.id} and ${users.id} = ${placeholder('user')}
  left join ${settings} on ${settings.partitionId} = ${partitions.id}
    and ${settings.owner} = case when ${placeholder('user')} is null then 0 else ${users.seq} end
    and ${settings.key} ${key}`

/** An owner's settings among `keys`, and the owner itself; a row without a setting if there is none of them. */
export const selectSettings = statement<
  Owner & { keys: string },
  OwnerRow & { [Column in keyof SettingRow]: SettingRow[Column] | null }
>(
  () => sql`
    select ${partitions.id} as "partitionGlobalId", ${users.id} as "userId",
      ${settings.id} as "id", ${settings.key} as "key", ${settings.value} as "value"
    from ${partitions} ${joinOwned(sql`in (select value from json_each(${placeholder('keys')}))`)}
    where ${partitions.id} = ${placeholder('partition')}
    order by ${settings.id}`,
)

const selectOwner = statement<Owner, OwnerRow>(
  () => sql`
    select ${partitions.id} as "partitionGlobalId", ${users.id} as "userId"
    from ${partitions}
    left join ${users} on ${users.partitionId} = ${partitions.id} and ${users.id} = ${placeholder('user')}
    where ${partitions.id} = ${placeholder('partition')}`,
)

/** Writes `settings`, pairs of key and value. Rows that exist are found first, so that only new ones take a new id. */
export const upsertOwned = statement<Owner & { settings: string }, SettingRow & { partitionGlobalId: string }>(
  () => sql`
    insert into ${settings} (id, partition_id, user_seq, key, value)
    select ${settings.id}, ${partitions.id}, ${users.seq}, j.value ->> 0, j.value ->> 1
    from json_each(${placeholder('settings')}) j
    cross join ${partitions} on ${partitions.id} = ${placeholder('partition')}
    ${joinOwned(sql`= j.value ->> 0`)}
    where ${placeholder('user')} is null or ${users.seq} is not null
    order by j.key
    on conflict (id) do update set value = excluded.value
    returning id, key, value, partition_id as "partitionGlobalId"`,
)

/** The owner's settings among `keys`, ascending by id; undefined if the partition is unknown. */
export async function listSettings(database: Database, owner: Owner, keys: readonly string[]) {
  const rows = await database.all(selectSettings, { ...owner, keys: JSON.stringify(keys) })
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
  owner: Owner,
  rows: readonly { key: string; value: string | null }[],
) {
  const pairs = JSON.stringify(rows.map(({ key, value }) => [key, value]))
  const values = { ...owner, settings: pairs }
  if (owner.user === null && rows.length > 0) {
    // The written rows name the partition, and there are none if and only if it is unknown: one statement is enough.
    const settings = await database.all(upsertOwned, values)
    const [first] = settings
    return { owner: first && { partitionGlobalId: first.partitionGlobalId, userId: null }, settings }
  }
  const [[found], settings] = await database.batch(bind(selectOwner, { ...owner }), bind(upsertOwned, values))
  return { owner: found, settings }
}
