// A statement with its values, as it goes into a batch, and what is said of those that a connection may run otherwise: copies and large
// changes of a partition.
import type { Decode } from './query-builder.ts'
import type { Parameter, Statement, Stored, Value } from './statement.ts'

/** A statement with its values, ready to go into a batch. */
export interface Bound<Row> {
  readonly sql: string
  /** Identifies the statement within the isolate. */
  readonly number: number
  readonly values: readonly Stored[]
  readonly writes: boolean
  /** The one partition that it reads or writes, in lower case; undefined if it may be any. */
  readonly partition: string | undefined
  /** As of the statement's `Scope`. */
  readonly ownSettings: boolean
  readonly decode: Decode | undefined
  /** Said of a statement that notes a copy of a partition, whose rows a connection is to make before anybody needs them. */
  readonly copies?: PartitionCopy
  /** Said of statements that change all that a partition has: how a connection may make the change in steps. */
  readonly change?: LargeChange
  /** Carries the row type alone; it is never called. */
  readonly types?: () => Row
}

/**
 * A copy of a partition that is noted instead of made. The note returns as `size` how many accounts it has, and as `hasSettings`
 * whether its own settings, those of no user, need not be made.
 */
export interface PartitionCopy {
  readonly source: string
  readonly partition: string
  /** Returns the statements that take the note's place where no more copies can be postponed. */
  readonly atOnce: () => Batch
}

/**
 * A change of all that a partition has, or a reading of it. A change that is made in steps takes place with the other statements of
 * its batch, in their transaction.
 */
export type LargeChange =
  | NewPartition
  | LoadedPartition
  | { readonly is: 'restored'; readonly of: State }
  | { readonly is: 'captured'; readonly of: CapturedState }
  | ReadPartition

/** A state of a partition that is kept under a name. */
export interface State {
  readonly partition: string
  readonly name: string
}

export interface CapturedState extends State {
  /** When it is taken. Milliseconds since the epoch. */
  readonly at: number
}

/** A partition that is made of a state. Until that is done, its time counts as over. */
export interface NewPartition {
  readonly is: 'made'
  readonly of: CapturedState
  readonly name: string
  readonly expiresAt: number | null
  /** They insert the partition itself, and say that it is kept until then. */
  readonly own: Batch
  /** They store the state that it is made of. */
  readonly parts: Batch
}

/** A partition whose data is replaced by a state that is stored for that, and by that alone. */
export interface LoadedPartition {
  readonly is: 'loaded'
  readonly of: State
  /** They store the state. */
  readonly parts: Batch
}

/** All data of a partition, or some of it, as it is at one moment. */
export interface ReadPartition {
  readonly is: 'read'
  /** Of the name there is none. */
  readonly of: State
  /** The name of the list that the statement reads. */
  readonly list: string
}

/** Statements that are run in one transaction. */
export type Batch = readonly Bound<unknown>[]

/**
 * A statement with its values, for a batch.
 *
 * @throws TypeError for a value that is missing: bound as null, it would make conditions hold for other rows
 * @example
 * const [rows] = await database.batch(bind(findGroup, { partition, group }), bind(countMembers, { partition, group }))
 */
export function bind<Values extends Record<keyof Values, Value>, Row>(
  statement: Statement<Values, Row>,
  values: Values,
): Bound<Row> {
  const byName: Readonly<Record<string, Value | undefined>> = values
  const { touches } = statement
  const partition = touches === undefined ? undefined : byName[touches]
  return {
    sql: statement.sql,
    number: statement.number,
    values: statement.parameters.map((parameter) => valueFor(parameter, byName)),
    writes: statement.writes,
    partition: typeof partition === 'string' ? partition.toLowerCase() : undefined,
    ownSettings: statement.ownSettings,
    decode: statement.decode,
  }
}

function valueFor({ name, encode }: Parameter, values: Readonly<Record<string, Value | undefined>>): Stored {
  const value = values[name]
  if (value === undefined) throw new TypeError(`a statement has no value for ${name}`)
  const stored: unknown = value !== null && encode ? encode(value) : value
  if (typeof stored === 'boolean') return Number(stored)
  if (stored === null || typeof stored === 'string' || typeof stored === 'number') return stored
  throw new TypeError(`the column of ${name} stores what D1 does not take`)
}

/** Whether a batch changes anything. */
export const writes = (batch: Batch) => batch.some((bound) => bound.writes)
