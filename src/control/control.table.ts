// The tables of the control plane: tenants made on demand, what is armed for them, their journals and snapshots. Rows of
// `tenants` are in the main database and in the one that holds their partition, those of the others in the latter alone.
import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { identifier } from '../database/columns.ts'
import { partitions } from '../partitions/partition.table.ts'

const partitionId = () =>
  identifier()
    .notNull()
    .references(() => partitions.id, { onDelete: 'cascade' })

/** Partitions that were made on demand, with the time at which they expire. In milliseconds since the epoch. */
export const tenants = sqliteTable(
  'tenants',
  {
    partitionId: partitionId().primaryKey(),
    createdAt: integer().notNull(),
    /** Null: it is kept until it is deleted. */
    expiresAt: integer(),
    /** Whether its users may sign in without a password, as whoever made it asked. Local runs allow it without. */
    passwordless: integer({ mode: 'boolean' }).notNull().default(false),
  },
  (table) => [index('tenants_expiry').on(table.expiresAt).where(sql`"expires_at" is not null`)],
)

/** The settings of a partition beside its faults, and the revision of both. No row: nothing was ever armed. */
export const tenantControls = sqliteTable('tenant_controls', {
  partitionId: partitionId().primaryKey(),
  /** Raised with every change of the settings or faults: isolates compare it with what they have cached. */
  revision: integer().notNull(),
  /** `ControlSettings` as JSON. */
  control: text().notNull(),
})

/** Armed faults. They are applied in the order in which they were armed. */
export const faults = sqliteTable(
  'faults',
  {
    seq: integer().primaryKey({ autoIncrement: true }),
    partitionId: partitionId(),
    id: text().notNull(),
    /** A `WriteFault` as JSON, with the seed and the time of expiry that it was given. */
    rule: text().notNull(),
    /** How many requests it was applied to. */
    hits: integer().notNull().default(0),
    /** Of a rate limit: by method, when the present window began (in seconds) and the requests in it, as JSON. */
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

/** Snapshots of a partition's data, split into parts that fit into a row. */
export const snapshots = sqliteTable(
  'snapshots',
  {
    partitionId: partitionId(),
    /** Empty: the snapshot that the partition began as. */
    name: text().notNull(),
    /** The name of a list. */
    section: text().notNull(),
    part: integer().notNull(),
    /** Some entries of the list, as a JSON array. */
    entries: text().notNull(),
    /** How many entries it has. */
    count: integer().notNull(),
    createdAt: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.partitionId, table.name, table.section, table.part] })],
)
