// The partitions (organizations) of a tenant. The host partition is one of them.
import { sqliteTable, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { identifier } from '../database/columns.ts'

/** Real server: host-level rows carry the all-zero GUID (rows returned by on-premises 25.10). */
export const HOST_PARTITION = '00000000-0000-0000-0000-000000000000'

export const partitions = sqliteTable(
  'partitions',
  {
    id: identifier().primaryKey(),
    /** The organization's name as it stands in URLs. */
    name: identifier().notNull(),
  },
  (table) => [uniqueIndex('partitions_name').on(table.name)],
)
