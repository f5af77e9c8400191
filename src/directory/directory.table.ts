// Accounts that can be members of a group: users, robot accounts, applications.
import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { identifier, instant } from '../database/columns.ts'
import { partitions } from '../partitions/partition.table.ts'

export const directoryEntities = sqliteTable(
  'directory_entities',
  {
    /** Directory order: the order in which the directory got its entities. Never leaves the database. */
    seq: integer().primaryKey({ autoIncrement: true }),
    partitionId: identifier()
      .notNull()
      .references(() => partitions.id, { onDelete: 'cascade' }),
    id: identifier().notNull(),
    /** A UserType: 0 user, 4 robot account, 5 application. */
    type: integer().notNull(),
    source: text().notNull().default('local'),
    /** Of a user its userName, of a robot account its name. */
    name: identifier().notNull(),
    email: identifier().notNull().default(''),
    displayName: identifier().notNull(),
    firstName: text(),
    lastName: text(),
    jobTitle: text(),
    companyName: text(),
    city: text(),
    department: text(),
    applicationId: identifier(),
    creationTime: instant().notNull().default(''),
    lastModificationTime: instant(),
    lastLoginTime: instant(),
    /**
     * A random value, new with every write. Later statements of a batch compare it: they write nothing if the first
     * was refused.
     */
    concurrencyStamp: text().notNull().default(''),
  },
  (table) => [
    uniqueIndex('directory_entities_id').on(table.partitionId, table.id),
    uniqueIndex('directory_entities_name').on(table.partitionId, table.type, table.name),
    uniqueIndex('directory_entities_email')
      .on(table.partitionId, table.type, table.email)
      .where(sql`"type" = 0 and "email" <> ''`),
    // Users without an address stand before the others in the order of addresses.
    index('directory_entities_no_email')
      .on(table.partitionId, table.type, table.seq)
      .where(sql`"type" = 0 and "email" = ''`),
    index('directory_entities_display_name').on(table.partitionId, table.type, table.displayName),
    index('directory_entities_seq').on(table.partitionId, table.type, table.seq),
  ],
)

/**
 * How many entities of a type a partition has, updated by each batch that adds or removes some: counting would read
 * them all.
 */
export const directoryCounts = sqliteTable(
  'directory_counts',
  {
    partitionId: identifier()
      .notNull()
      .references(() => partitions.id, { onDelete: 'cascade' }),
    type: integer().notNull(),
    count: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.partitionId, table.type] })],
)

/** Names by their fold, which tells the same from others. Derived from the accounts, yet not by SQL: SQLite folds ASCII alone. */
export const nameKeys = sqliteTable(
  'name_keys',
  {
    partitionId: identifier()
      .notNull()
      .references(() => partitions.id, { onDelete: 'cascade' }),
    /** What the name is unique among: `userName`, `email`, `robotAccount`. */
    kind: text().notNull(),
    key: text().notNull(),
    /** The name that the key was made of. */
    name: text().notNull(),
    entitySeq: integer()
      .notNull()
      .references(() => directoryEntities.seq, { onDelete: 'cascade' }),
  },
  (table) => [
    primaryKey({ columns: [table.partitionId, table.kind, table.key] }),
    index('name_keys_entity').on(table.entitySeq),
  ],
)
