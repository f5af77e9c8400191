// Sends statements to D1: one, or several in one atomic batch. Each call is one round trip.
import { failure, inTime, LONG_DEADLINE } from './failure.ts'
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
  /** Said of statements that copy a partition: how a connection may put them off. */
  readonly copies?: PartitionCopy
  /** Said of statements that change all that a partition has: how a connection may make the change in steps. */
  readonly change?: LargeChange
  /** Carries the row type alone; it is never called. */
  readonly types?: () => Row
}

/** A copy of a partition. A connection that can make its rows before anybody needs them may send the note in their place. */
export interface PartitionCopy {
  readonly source: string
  readonly partition: string
  /** Notes in the database that the rows are still to be made. It returns how many accounts they are of. */
  readonly note: Bound<{ size: number }>
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

type RowsOf<Statements extends Batch> = {
  [Index in keyof Statements]: Statements[Index] extends Bound<infer Row> ? Row[] : never
}

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

/** The rows of a batch, one list for each statement. A cache may give the same ones to others: they are never changed. */
export type Rows = readonly (readonly unknown[])[]

/** The costs that D1 reports for the statements of a batch. */
export type Costs = readonly Pick<D1Result, 'meta'>[]

/** A D1 database, or a session of one. */
export interface Connection extends Pick<D1Database, 'prepare' | 'batch'> {
  /**
   * Runs a batch in place of {@link send}, for a connection that caches rows or shares commits. Rejects with a
   * DatabaseFailure.
   * @param onCost called if D1 itself was asked
   */
  readonly execute?: (batch: Batch, onCost: ((costs: Costs) => void) | undefined) => Promise<Rows>
}

/**
 * Sends `batch` to D1, in one round trip.
 * @throws DatabaseFailure
 */
export async function send(
  connection: Connection,
  batch: Batch,
  onCost: ((costs: Costs) => void) | undefined,
): Promise<Rows> {
  const statements = batch.map(({ sql, values }) => connection.prepare(sql).bind(...values))
  const [only] = statements
  try {
    const results = only && statements.length === 1 ? [await only.all()] : await connection.batch(statements)
    onCost?.(results)
    return results.map(({ results: rows }, index) => {
      const decode = batch[index]?.decode
      return decode ? rows.map(decode) : rows
    })
  } catch (error) {
    throw failure(error, writes(batch))
  }
}

/** Whether a batch changes anything. */
export const writes = (batch: Batch) => batch.some((bound) => bound.writes)

/**
 * A condition that the database checks at the head of every batch: its statement fails where the condition does not hold
 * (`failUnless`), and nothing of the batch takes place. It costs no round trip, and nothing can change in between.
 */
export interface Guard {
  readonly statement: Bound<unknown>
  /** Turns the error of a batch into the one to throw; an error of another origin is returned as it is. */
  readonly explain: (error: unknown) => unknown
  /** Called after every batch that succeeded. */
  readonly passed?: () => void
}

/**
 * Statements that join a batch that writes, in its transaction: they take place if the batch does, and only then. They cost
 * no round trip.
 */
export interface Companion {
  /** They run before the batch, behind the guards. */
  readonly before: Batch
  /** They run behind the batch. */
  readonly after: Batch
  /** As of a {@link Guard}, for the statements of both. */
  readonly explain: (error: unknown) => unknown
  /** Called with the rows of `after` when the batch has succeeded. */
  readonly passed?: (rows: Rows) => void
}

/** How a request uses a database. */
export interface DatabaseOptions {
  /** The longest that a round trip may take, in milliseconds. */
  deadline?: number | undefined
  /** Called with the costs of a batch, if D1 itself was asked. */
  onCost?: ((costs: Costs) => void) | undefined
  /** Called when a batch has its answer, with the milliseconds it took. */
  onAnswer?: (milliseconds: number) => void
  /** Conditions that head every batch. */
  guards?: readonly Guard[] | undefined
  /** Returns what joins a batch that writes; asked for each. */
  companionsOf?: ((batch: Batch) => readonly Companion[]) | undefined
  /** Keeps the isolate alive until a write has ended, though the request may be over by then. */
  keepAlive?: (write: Promise<unknown>) => void
}

export class Database {
  readonly #connection: Connection
  readonly #options: DatabaseOptions

  constructor(connection: Connection, options: DatabaseOptions = {}) {
    this.#connection = connection
    this.#options = options
  }

  /** The same database, with one more guard at the head of every batch. */
  guardedBy(guard: Guard): Database {
    return new Database(this.#connection, { ...this.#options, guards: [...(this.#options.guards ?? []), guard] })
  }

  /** Runs one statement and returns its rows. */
  async all<Values extends Record<keyof Values, Value>, Row>(
    statement: Statement<Values, Row>,
    values: Values,
  ): Promise<Row[]> {
    const [rows] = await this.batch(bind(statement, values))
    return rows
  }

  /** Runs one statement and returns its first row, if there is one. */
  async first<Values extends Record<keyof Values, Value>, Row>(
    statement: Statement<Values, Row>,
    values: Values,
  ): Promise<Row | undefined> {
    const rows = await this.all(statement, values)
    return rows[0]
  }

  /**
   * Runs all statements or none of them, in order, and returns the rows of each.
   * @throws DatabaseFailure unless a guard explains what went wrong
   */
  batch<const Statements extends Batch>(...batch: Statements): Promise<RowsOf<Statements>> {
    return this.batchBehind([], ...batch)
  }

  /**
   * As {@link batch}, behind statements of the same transaction whose rows are not needed.
   * @throws DatabaseFailure unless a guard explains what went wrong
   */
  async batchBehind<const Statements extends Batch>(before: Batch, ...behind: Statements): Promise<RowsOf<Statements>> {
    const batch = before.length === 0 ? behind : [...before, ...behind]
    const { guards = [], companionsOf } = this.#options
    const companions = companionsOf && writes(batch) ? companionsOf(batch) : []
    const isAlone = guards.length === 0 && companions.length === 0
    const rows: Rows = await (isAlone ? this.#run(batch) : this.#accompanied(batch, guards, companions))
    // The type of the rows is that of the statements' own select lists, by which they were decoded.
    return (before.length === 0 ? rows : rows.slice(before.length)) as RowsOf<Statements>
  }

  async #accompanied(batch: Batch, guards: readonly Guard[], companions: readonly Companion[]): Promise<Rows> {
    const head = [...guards.map(({ statement }) => statement), ...companions.flatMap(({ before }) => before)]
    const rest = companions.flatMap(({ after }) => after)
    try {
      const rows = await this.#run([...head, ...batch, ...rest])
      for (const { passed } of guards) passed?.()
      let next = head.length + batch.length
      for (const { after, passed } of companions) {
        passed?.(rows.slice(next, next + after.length))
        next += after.length
      }
      return rows.slice(head.length, head.length + batch.length)
    } catch (error) {
      throw [...guards, ...companions].reduce((explained, { explain }) => explain(explained), error)
    }
  }

  async #run(batch: Batch): Promise<Rows> {
    const { deadline, onCost, onAnswer, keepAlive } = this.#options
    const connection = this.#connection
    const begin = performance.now()
    const sent = connection.execute ? connection.execute(batch, onCost) : send(connection, batch, onCost)
    const isWrite = writes(batch)
    // A deadline ends the wait of the request, never the write: cut off, it could have taken place or not.
    // A connection may make a change in steps, each with a deadline of its own.
    const isLong = connection.execute !== undefined && batch.some(({ change }) => change)
    // Others wait for the steps of a reading too: if these were cut off, until they time out.
    if (isWrite || isLong) keepAlive?.(Promise.allSettled([sent]))
    const rows = await inTime(sent, isLong ? LONG_DEADLINE : deadline, isWrite)
    onAnswer?.(performance.now() - begin)
    return rows
  }
}
