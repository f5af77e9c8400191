// Queries about settings.
import { type SQL, sql } from 'drizzle-orm'
import { bind, type Database } from '../database/database.ts'
import { excluded, insertSelect, nameOf } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
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

/** The owner's user, if one is named. */
const joinUser = (v: Slots<Pick<Owner, 'user'>>) =>
  sql`left join ${users} on ${users.partitionId} = ${partitions.id} and ${users.id} = ${v.user}`

/** The owner's user, if one is named, and its settings whose key equals `key`. */
const joinOwned = (v: Slots<Pick<Owner, 'user'>>, key: SQL) => sql`
  ${joinUser(v)}
  left join ${settings} on ${settings.partitionId} = ${partitions.id}
    and ${settings.owner} = case when ${v.user} is null then 0 else ${users.seq} end
    and ${settings.key} ${key}`

const ownerFields = { partitionGlobalId: partitions.id, userId: users.id }

/** An owner's settings among `keys`, and the owner itself; a row without a setting if there is none of them. */
export const selectSettings = statement<
  Owner & { keys: string },
  OwnerRow & { [Column in keyof SettingRow]: SettingRow[Column] | null }
>(
  (v, row) => sql`
    select ${row({ ...ownerFields, id: settings.id, key: settings.key, value: settings.value })}
    from ${partitions} ${joinOwned(v, sql`in (select value from json_each(${v.keys}))`)}
    where ${partitions.id} = ${v.partition}
    order by ${settings.id}`,
  { touches: 'partition' },
)

const selectOwner = statement<Owner, OwnerRow>(
  (v, row) => sql`
    select ${row(ownerFields)} from ${partitions} ${joinUser(v)} where ${partitions.id} = ${v.partition}`,
  { touches: 'partition' },
)

/**
 * Writes `settings`, pairs of key and value. Rows that exist are joined and keep their id:
 * an insert that conflicts on the key would use up an AUTOINCREMENT id each time.
 */
export const upsertOwned = statement<Owner & { settings: string }, SettingRow & { partitionGlobalId: string }>(
  (v, row) => sql`
    ${insertSelect(
      settings,
      {
        id: settings.id,
        partitionId: partitions.id,
        userSeq: users.seq,
        key: sql`j.value ->> 0`,
        value: sql`j.value ->> 1`,
      },
      sql`
        from json_each(${v.settings}) j
        cross join ${partitions} on ${partitions.id} = ${v.partition}
        ${joinOwned(v, sql`= j.value ->> 0`)}
        where ${v.user} is null or ${users.seq} is not null
        order by j.key`,
    )}
    on conflict (${nameOf(settings.id)}) do update set ${nameOf(settings.value)} = ${excluded(settings.value)}
    returning ${row({
      id: settings.id,
      key: settings.key,
      value: settings.value,
      partitionGlobalId: settings.partitionId,
    })}`,
  { touches: 'partition' },
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
    // Written rows name the partition, and no row is written if it is unknown: no second statement has to look it up.
    const settings = await database.all(upsertOwned, values)
    const [first] = settings
    return { owner: first && { partitionGlobalId: first.partitionGlobalId, userId: null }, settings }
  }
  const [[found], settings] = await database.batch(bind(selectOwner, { ...owner }), bind(upsertOwned, values))
  return { owner: found, settings }
}
