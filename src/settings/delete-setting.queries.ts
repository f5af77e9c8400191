// Questions to D1 that delete settings.
import { sql } from 'drizzle-orm'
import { bind, type Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { selectPartition } from '../partitions/find-partition.ts'
import { settings } from './setting.table.ts'

const { placeholder } = sql

const removeKeys = statement<{ partition: string; keys: string }>(
  () => sql`
    delete from ${settings}
    where partition_id = ${placeholder('partition')} and owner = 0
      and key in (select value from json_each(${placeholder('keys')}))`,
)

/** Deletes the partition's own settings of those keys, not those of its users. Undefined if the partition is unknown. */
export async function deleteSettings(database: Database, partition: string, keys: readonly string[]) {
  const [[found]] = await database.batch(
    bind(selectPartition, { partition }),
    bind(removeKeys, { partition, keys: JSON.stringify(keys) }),
  )
  return found?.id
}

const removeOne = statement<{ partition: string; setting: number }, { id: number }>(
  () => sql`
    delete from ${settings} where id = ${placeholder('setting')} and partition_id = ${placeholder('partition')}
    returning id`,
)

const removeAny = statement<{ setting: number }, { id: number }>(
  () => sql`delete from ${settings} where id = ${placeholder('setting')} returning id`,
)

/** Deletes a setting of the partition, or of any if none is given, and returns whether there was one. */
export async function deleteSetting(database: Database, setting: number, partition?: string): Promise<boolean> {
  const deleted =
    partition === undefined
      ? await database.all(removeAny, { setting })
      : await database.all(removeOne, { partition, setting })
  return deleted.length > 0
}
