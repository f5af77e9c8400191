// Settings of a partition, or of one user in it.
import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { identifier } from '../database/columns.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { partitions } from '../partitions/partition.table.ts'

export const settings = sqliteTable(
  'settings',
  {
    /** AUTOINCREMENT: an id is never given out twice. */
    id: integer().primaryKey({ autoIncrement: true }),
    partitionId: identifier()
      .notNull()
      .references(() => partitions.id, { onDelete: 'cascade' }),
    /** The user the setting belongs to; null for the partition's own. */
    userSeq: integer().references(() => directoryEntities.seq, { onDelete: 'cascade' }),
    /** `userSeq`, with 0 for none: NULLs would be distinct in the unique index. */
    owner: integer().notNull().generatedAlwaysAs(sql`(coalesce("user_seq", 0))`, { mode: 'virtual' }),
    key: text().notNull(),
    value: text(),
  },
  (table) => [
    uniqueIndex('settings_key').on(table.partitionId, table.owner, table.key),
    index('settings_user').on(table.userSeq).where(sql`"user_seq" is not null`),
  ],
)
