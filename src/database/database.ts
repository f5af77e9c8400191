// Sends statements to D1: one, or several in one atomic batch. Each call is one round trip.
import { type Batch, type Bound, bind, writes } from './bound.ts'
import { failure, inTime, LONG_DEADLINE } from './failure.ts'
import type { Statement, Value } from './statement.ts'

type RowsOf<Statements extends Batch> = {
  [Index in keyof Statements]: Statements[Index] extends Bound<infer Row> ? Row[] : never
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
