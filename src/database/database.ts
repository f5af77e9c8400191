// A request's way to D1: one statement, or several in one atomic batch. Each call is one round trip.
import type { Access, ExactCache, Rows } from './exact-cache.ts'
import { failure, inTime } from './failure.ts'
import type { GroupCommit } from './group-commit.ts'
import type { Decode } from './query-builder.ts'
import type { Grounds } from './remembered-answers.ts'
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

type RowsOf<Batch extends readonly Bound<unknown>[]> = {
  [Index in keyof Batch]: Batch[Index] extends Bound<infer Row> ? Row[] : never
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

/** What D1 and a session of it have in common. */
export type Connection = Pick<D1Database, 'prepare' | 'batch'>

/** A statement that fails for those who may not go on. */
export interface Guard {
  readonly statement: Bound<unknown>
  /** What a failed batch is to be thrown as. An error that is another's is given back as it is. */
  readonly explain: (error: unknown) => unknown
  /** Called when a batch took place. */
  readonly passed?: () => void
}

/** How a database is reached beyond its connection. */
export interface Surroundings {
  /** How long a round trip may take, in milliseconds. */
  deadline?: number | undefined
  /** Called as soon as the connection has answered, for whomever it was asked, with what the answer cost. */
  onAnswer?: (results: readonly Pick<D1Result, 'meta'>[]) => void
  /** Called after each round trip with its duration in milliseconds. */
  onTrip?: ((milliseconds: number) => void) | undefined
  /** They head every batch: unless all succeed, nothing of the batch takes place, and `explain` says what is thrown. */
  guards?: readonly Guard[] | undefined
  cache?: ExactCache | undefined
  /** Told what the answer comes to rest on. */
  grounds?: Grounds | undefined
  commits?: GroupCommit | undefined
  /** Lets a write run to its end though the request is gone. */
  keepAlive?: (write: Promise<unknown>) => void
}

export class Database {
  readonly #connection: Connection
  readonly #around: Surroundings

  constructor(connection: Connection, around: Surroundings = {}) {
    this.#connection = connection
    this.#around = around
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
  batch<const Batch extends readonly Bound<unknown>[]>(...batch: Batch): Promise<RowsOf<Batch>> {
    const { guards } = this.#around
    const rows = guards?.length ? this.#guarded(guards, batch) : this.#ask(batch)
    // What comes back is what the statements say they select: D1 does not type it, and a cache keeps all kinds.
    return rows as Promise<Rows> as Promise<RowsOf<Batch>>
  }

  async #guarded(guards: readonly Guard[], batch: readonly Bound<unknown>[]): Promise<Rows> {
    try {
      const rows = await this.#ask([...guards.map(({ statement }) => statement), ...batch])
      for (const { passed } of guards) passed?.()
      return rows.slice(guards.length)
    } catch (error) {
      throw guards.reduce((explained, { explain }) => explain(explained), error)
    }
  }

  #ask(batch: readonly Bound<unknown>[]): Promise<Rows> {
    const { cache, deadline, grounds } = this.#around
    const access = cache && accessOf(batch)
    if (!access) return inTime(this.#run(batch), deadline, writes(batch))
    if (!access.writes) return cache.through(access, () => inTime(this.#run(batch), deadline, false), grounds)
    grounds?.forOnce()
    // Only who waits gives up: to the cache the write is under way until it has really ended.
    return inTime(
      cache.through(access, () => this.#kept(batch)),
      deadline,
      true,
    )
  }

  #kept(batch: readonly Bound<unknown>[]): Promise<Rows> {
    const rows = this.#run(batch)
    this.#around.keepAlive?.(rows)
    return rows
  }

  #run(batch: readonly Bound<unknown>[]): Promise<Rows> {
    const { onTrip, commits } = this.#around
    const begin = onTrip ? performance.now() : 0
    const joins = commits && writes(batch)
    const rows = joins ? commits.through(batch, (joint) => this.#send(joint)) : this.#send(batch)
    return onTrip ? tripped(rows, () => onTrip(performance.now() - begin)) : rows
  }

  async #send(batch: readonly Bound<unknown>[]): Promise<Rows> {
    const statements = batch.map(({ sql, values }) => this.#connection.prepare(sql).bind(...values))
    const [only] = statements
    try {
      const results = only && statements.length === 1 ? [await only.all()] : await this.#connection.batch(statements)
      this.#around.onAnswer?.(results)
      return results.map((result, index) => {
        const decode = batch[index]?.decode
        return decode ? result.results.map(decode) : result.results
      })
    } catch (error) {
      throw failure(error, writes(batch))
    }
  }
}

async function tripped(rows: Promise<Rows>, then: () => void): Promise<Rows> {
  const answered = await rows
  then()
  return answered
}

const writes = (batch: readonly Bound<unknown>[]) => batch.some((bound) => bound.writes)

function accessOf(batch: readonly Bound<unknown>[]): Access {
  const [first] = batch
  const same = batch.every(({ partition }) => partition === first?.partition)
  const partition = same ? first?.partition : undefined
  if (writes(batch)) return { writes: true, partition }
  return { writes: false, partition, key: JSON.stringify(batch.map(({ number, values }) => [number, ...values])) }
}
