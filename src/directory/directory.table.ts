// Accounts that can be members of a group: users, robot accounts, applications.
import { integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { identifier } from '../database/columns.ts'
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
    name: text().notNull(),
    email: text().notNull().default(''),
    displayName: text().notNull(),
    firstName: text(),
    lastName: text(),
    jobTitle: text(),
    companyName: text(),
    city: text(),
    department: text(),
    applicationId: identifier(),
  },
  (table) => [uniqueIndex('directory_entities_id').on(table.partitionId, table.id)],
)
