// Groups of a partition and who is in them.
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { identifier, instant } from '../database/columns.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { partitions } from '../partitions/partition.table.ts'

export const groups = sqliteTable(
  'groups',
  {
    seq: integer().primaryKey({ autoIncrement: true }),
    partitionId: identifier()
      .notNull()
      .references(() => partitions.id, { onDelete: 'cascade' }),
    /** Unique within its partition only: built-in groups have the same GUIDs in every one. */
    id: identifier().notNull(),
    name: identifier().notNull(),
    /** A GroupType: 0 built-in, 1 custom. */
    type: integer().notNull(),
    creationTime: instant().notNull(),
    lastModificationTime: instant(),
    /** How many members it has, updated by each batch that changes them: counting would read them all. */
    memberCount: integer().notNull().default(0),
    /**
     * A random value, new with every write. Later statements of a batch compare it: they write nothing if the first
     * was refused.
     */
    concurrencyStamp: text().notNull().default(''),
  },
  (table) => [
    uniqueIndex('groups_id').on(table.partitionId, table.id),
    uniqueIndex('groups_name').on(table.partitionId, table.name),
  ],
)

/** Read in key order, a group's members come in directory order. */
export const groupMembers = sqliteTable(
  'group_members',
  {
    groupSeq: integer()
      .notNull()
      .references(() => groups.seq, { onDelete: 'cascade' }),
    entitySeq: integer()
      .notNull()
      .references(() => directoryEntities.seq, { onDelete: 'cascade' }),
  },
  (table) => [
    primaryKey({ columns: [table.groupSeq, table.entitySeq] }),
    index('group_members_entity').on(table.entitySeq, table.groupSeq),
  ],
)

/** Names of groups by their fold, as those of accounts are kept in `name_keys`. */
export const groupNameKeys = sqliteTable(
  'group_name_keys',
  {
    partitionId: identifier()
      .notNull()
      .references(() => partitions.id, { onDelete: 'cascade' }),
    key: text().notNull(),
    /** The name that the key was made of. */
    name: text().notNull(),
    groupSeq: integer()
      .notNull()
      .references(() => groups.seq, { onDelete: 'cascade' }),
  },
  (table) => [
    primaryKey({ columns: [table.partitionId, table.key] }),
    index('group_name_keys_group').on(table.groupSeq),
  ],
)
