// A request's way to D1: one statement, or several in one atomic batch. Each call is one round trip.
import { failure, inTime } from './failure.ts'
import type { Decode } from './query-builder.ts'
import type { Parameter, Statement, Stored, Value } from './statement.ts'

/** A statement with its values, ready to go into a batch. */
export interface Bound<Row> {
  readonly sql: string
  /** Which statement it is. */
  readonly number: number
  readonly values: readonly Stored[]
  readonly writes: boolean
  /** The partition it touches, in lower case; undefined if it may touch any. */
  readonly partition: string | undefined
  readonly decode: Decode | undefined
  /** Carries the row type alone; it is never called. */
  readonly types?: () => Row
}

/** Statements that take place together or not at all. */
export type Batch = readonly Bound<unknown>[]

type RowsOf<Statements extends Batch> = {
  [Index in keyof Statements]: Statements[Index] extends Bound<infer Row> ? Row[] : never
}

/**
 * Ties `values` to `statement`, in the order of its parameters.
 * @throws TypeError for a value that is missing: bound as null, it would make conditions hold for other rows
 */
export function bind<Values extends Record<keyof Values, Value>, Row>(
  statement: Statement<Values, Row>,
  values: Values,
): Bound<Row> {
  const named: Readonly<Record<string, Value | undefined>> = values
  const { touches } = statement
  const partition = touches === undefined ? undefined : named[touches]
  return {
    sql: statement.sql,
    number: statement.number,
    values: statement.parameters.map((parameter) => valueFor(parameter, named)),
    writes: statement.writes,
    partition: typeof partition === 'string' ? partition.toLowerCase() : undefined,
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

/** Rows of a batch, one list for each statement. They may be shared: nobody changes them. */
export type Rows = readonly (readonly unknown[])[]

/** What the statements of a batch cost the database. */
export type Costs = readonly Pick<D1Result, 'meta'>[]

/** What D1 and a session of it have in common. */
export interface Connection extends Pick<D1Database, 'prepare' | 'batch'> {
  /**
   * Answers a batch in a way of the connection's own, where it has one. Rejects with a DatabaseFailure.
   * @param onCost called if the database itself was asked
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

/** A statement that fails for those who may not go on. */
export interface Guard {
  readonly statement: Bound<unknown>
  /** What a failed batch is to be thrown as. An error that is another's is given back as it is. */
  readonly explain: (error: unknown) => unknown
  /** Called when a batch took place. */
  readonly passed?: () => void
}

/** How a request asks the database, and what it wants to know of that. */
export interface DatabaseOptions {
  /** How long a round trip may take, in milliseconds. */
  deadline?: number | undefined
  /** Called with what a batch cost the database, if it was asked. */
  onCost?: ((costs: Costs) => void) | undefined
  /** Called when a batch has its answer, with the milliseconds it took. */
  onAnswer?: (milliseconds: number) => void
  /** They head every batch: unless all succeed, nothing of the batch takes place, and `explain` says what is thrown. */
  guards?: readonly Guard[] | undefined
  /** Lets a write run to its end though the request is gone. */
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
    const { guards } = this.#options
    const rows = guards?.length ? this.#guarded(guards, batch) : this.#run(batch)
    // What comes back is what the statements say they select, read by the decoders of their columns.
    return rows as Promise<Rows> as Promise<RowsOf<Statements>>
  }

  async #guarded(guards: readonly Guard[], batch: Batch) {
    try {
      const rows = await this.#run([...guards.map(({ statement }) => statement), ...batch])
      for (const { passed } of guards) passed?.()
      return rows.slice(guards.length)
    } catch (error) {
      throw guards.reduce((explained, { explain }) => explain(explained), error)
    }
  }

  async #run(batch: Batch): Promise<Rows> {
    const { deadline, onCost, onAnswer, keepAlive } = this.#options
    const connection = this.#connection
    const begin = performance.now()
    const sent = connection.execute ? connection.execute(batch, onCost) : send(connection, batch, onCost)
    const isWrite = writes(batch)
    // Only the request gives up at its deadline: a write goes on, and what came of it can be read.
    if (isWrite) keepAlive?.(Promise.allSettled([sent]))
    const rows = await inTime(sent, deadline, isWrite)
    onAnswer?.(performance.now() - begin)
    return rows
  }
}
