// What the tests' own plane keeps: which partitions it made, what is armed for them, their journals and snapshots.
// `tenants` stands in the main database; everything else beside the partition it belongs to.
import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { identifier } from '../database/columns.ts'
import { partitions } from '../partitions/partition.table.ts'

const partitionId = () =>
  identifier()
    .notNull()
    .references(() => partitions.id, { onDelete: 'cascade' })

/** Partitions made on demand, and until when they are kept. Instants are milliseconds since the epoch. */
export const tenants = sqliteTable(
  'tenants',
  {
    partitionId: partitionId().primaryKey(),
    createdAt: integer().notNull(),
    /** Null for ever. */
    expiresAt: integer(),
  },
  (table) => [index('tenants_expiry').on(table.expiresAt).where(sql`"expires_at" is not null`)],
)

/** What is armed for a partition. No row: nothing ever was. */
export const tenantControls = sqliteTable('tenant_controls', {
  partitionId: partitionId().primaryKey(),
  /** Grows with every change, and with every change of the partition's faults. */
  revision: integer().notNull(),
  /** A `Control` as JSON. */
  control: text().notNull(),
})

/** Answers that are to go wrong. Tried in the order in which they were armed. */
export const faults = sqliteTable(
  'faults',
  {
    seq: integer().primaryKey({ autoIncrement: true }),
    partitionId: partitionId(),
    id: text().notNull(),
    /** A `FaultRule` as JSON. */
    rule: text().notNull(),
    /** How many requests it met so far. */
    hits: integer().notNull().default(0),
    /** Of a rate limit: when the present window of each method began, and the requests in it, as JSON. */
    windows: text().notNull().default('{}'),
  },
  (table) => [index('faults_partition').on(table.partitionId, table.seq)],
)

/** The last requests of a partition, numbered from 1. */
export const journal = sqliteTable(
  'journal',
  {
    partitionId: partitionId(),
    number: integer().notNull(),
    /** A `JournalEntry` as JSON. */
    entry: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.partitionId, table.number] })],
)

/** Named states of a partition, each a document in parts that stay below the size of a row. */
export const snapshots = sqliteTable(
  'snapshots',
  {
    partitionId: partitionId(),
    /** The empty name is the partition's seed. */
    name: text().notNull(),
    section: text().notNull(),
    part: integer().notNull(),
    /** Some entries of the section, as a JSON array. */
    entries: text().notNull(),
    /** How many entries. */
    count: integer().notNull(),
    createdAt: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.partitionId, table.name, table.section, table.part] })],
)
