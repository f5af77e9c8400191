// The tables of the control plane: tenants made on demand, what is armed for them, their journals and snapshots; keys, and what
// was done. Rows of `tenants` are in the main database and in the one that holds their partition, those of `control_keys` and
// `audit` in the former alone, those of the others in the latter alone.
import { sql } from 'drizzle-orm'
import {
  type AnySQLiteColumn,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core'
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
    /** The team whose key it was made with; null if it was made with the control token. */
    team: text(),
    /** The key that it counts against, which may be revoked by now. */
    keyId: text(),
    /** The most rows it may hold; null: its rows and requests are not counted. */
    maxRows: integer(),
    /** The most rows one request may write. */
    maxRowsAtOnce: integer(),
    /** An upper bound of the rows it holds: those that were planted, and all that were written since. */
    rows: integer().notNull().default(0),
    /** Requests that were answered, as far as isolates have reported them. */
    requests: integer().notNull().default(0),
    /** SQLite's number of changed rows at the beginning of the batch that is running. */
    mark: integer().notNull().default(0),
    /** Whether its users may sign in without a password, as whoever made it asked. Local runs allow it without. */
    passwordless: integer({ mode: 'boolean' }).notNull().default(false),
    /**
     * The partition that it is a copy of, as that is now, while its rows are not made yet. Local runs alone postpone that: the
     * first call that needs rows of the copy, or is about to change its source, makes them.
     */
    copyOf: identifier(),
    /** Whether the own settings of such a copy, those of no user, are made already, or there are none. */
    copyHasSettings: integer({ mode: 'boolean' }).notNull().default(false),
  },
  (table) => [
    index('tenants_expiry').on(table.expiresAt).where(sql`"expires_at" is not null`),
    index('tenants_team').on(table.team, table.createdAt).where(sql`"team" is not null`),
    index('tenants_key').on(table.keyId).where(sql`"key_id" is not null`),
  ],
)

/** Keys of teams and of single tenants. Rows never change; a key is revoked by removing its row. */
export const controlKeys = sqliteTable(
  'control_keys',
  {
    id: text().primaryKey(),
    /** SHA-256 of the key, base64url. */
    hash: text().notNull(),
    /** Null for a tenant that was made with the control token. */
    team: text(),
    /** The one tenant of a tenant's key; null for a team's. */
    partitionId: identifier().references(() => partitions.id, { onDelete: 'cascade' }),
    /** The team's key that a tenant's key came with: it ends with that one. */
    parentId: text().references((): AnySQLiteColumn => controlKeys.id, { onDelete: 'cascade' }),
    /** Of a team's key: `KeyLimits` as JSON. */
    limits: text(),
    createdAt: integer().notNull(),
    /** Null: until it is revoked. */
    expiresAt: integer(),
  },
  (table) => [
    uniqueIndex('control_keys_hash').on(table.hash),
    index('control_keys_teams').on(table.createdAt).where(sql`"partition_id" is null`),
    index('control_keys_partition').on(table.partitionId).where(sql`"partition_id" is not null`),
    index('control_keys_parent').on(table.parentId).where(sql`"parent_id" is not null`),
  ],
)

/** What was asked of the control plane. No row refers to another table, so that it outlives what it is about. */
export const audit = sqliteTable(
  'audit',
  {
    seq: integer().primaryKey({ autoIncrement: true }),
    /**
     * Whose log it is in: a team's; that of the control token (empty); that of a tenant of no team (`tenant` and its id), for
     * calls with its key; or that of calls without a key (`?`).
     */
    team: text().notNull(),
    /** The row's number in that log. */
    number: integer().notNull(),
    /** Milliseconds since the epoch. */
    at: integer().notNull(),
    operation: text(),
    method: text().notNull(),
    /** The partition's id. */
    tenant: text(),
    tenantName: text(),
    /** The id of the key that was made or revoked. */
    subject: text(),
    /** The id of the key that it was made with; `root` for the control token; null for none. */
    key: text(),
    status: integer().notNull(),
    /** Cloudflare's id of the request. */
    ray: text(),
  },
  (table) => [uniqueIndex('audit_team').on(table.team, table.number)],
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
