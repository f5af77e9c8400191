// Queries that delete settings.
import { and, eq, inArray, sql } from 'drizzle-orm'
import { bind } from '../database/bound.ts'
import type { Database } from '../database/database.ts'
import { deleteFrom } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { selectPartition } from '../partitions/find-partition.ts'
import { settings } from './setting.table.ts'

const removeKeys = statement(
  (v: Slots<{ partition: string; keys: string }>) =>
    deleteFrom(settings).where(
      and(
        eq(settings.partitionId, v.partition),
        eq(settings.owner, 0),
        inArray(settings.key, sql`(select value from json_each(${v.keys}))`),
      ),
    ),
  { touches: 'partition', ownSettings: true },
)

/**
 * Deletes the partition's own settings of those keys, not those of its users. Undefined if the partition is unknown.
 */
export async function deleteSettings(database: Database, partition: string, keys: readonly string[]) {
  const [[found]] = await database.batch(
    bind(selectPartition, { partition }),
    bind(removeKeys, { partition, keys: JSON.stringify(keys) }),
  )
  return found?.id
}

const removeOne = statement(
  (v: Slots<{ partition: string; setting: number }>) =>
    deleteFrom(settings)
      .where(and(eq(settings.id, v.setting), eq(settings.partitionId, v.partition)))
      .returning({ id: settings.id }),
  { touches: 'partition' },
)

const removeAny = statement((v: Slots<{ setting: number }>) =>
  deleteFrom(settings).where(eq(settings.id, v.setting)).returning({ id: settings.id }),
)

/** Deletes a setting of the partition, or of any if none is given, and returns whether there was one. */
export async function deleteSetting(database: Database, setting: number, partition?: string): Promise<boolean> {
  const deleted =
    partition === undefined
      ? await database.all(removeAny, { setting })
      : await database.all(removeOne, { partition, setting })
  return deleted.length > 0
}
