// A request's way to D1: one statement, or several in one atomic batch. Each call is one round trip.
import type { Statement, Value } from './statement.ts'

/** A statement with its values, ready to go into a batch. */
export interface Bound<Row> {
  readonly sql: string
  readonly values: readonly Value[]
  /** Carries the row type alone; it is never called. */
  readonly types?: () => Row
}

type RowsOf<Batch extends readonly Bound<unknown>[]> = {
  [Index in keyof Batch]: Batch[Index] extends Bound<infer Row> ? Row[] : never
}

/** Ties `values` to `statement`, in the order of its parameters. */
export function bind<Values extends Record<keyof Values, Value>, Row>(
  statement: Statement<Values, Row>,
  values: Values,
): Bound<Row> {
  const named: Record<string, Value> = values
  return { sql: statement.sql, values: statement.names.map((name) => named[name] ?? null) }
}

export class Database {
  readonly #d1: D1Database

  constructor(d1: D1Database) {
    this.#d1 = d1
  }

  /** Runs one statement and returns its rows. */
  async all<Values extends Record<keyof Values, Value>, Row>(
    statement: Statement<Values, Row>,
    values: Values,
  ): Promise<Row[]> {
    const { results } = await this.#prepare(bind(statement, values)).all<Row>()
    return results
  }

  /** Runs one statement and returns its first row, if there is one. */
  async first<Values extends Record<keyof Values, Value>, Row>(
    statement: Statement<Values, Row>,
    values: Values,
  ): Promise<Row | undefined> {
    const rows = await this.all(statement, values)
    return rows[0]
  }

  /** Runs all statements or none of them, in order, and returns the rows of each. */
  async batch<const Batch extends readonly Bound<unknown>[]>(...batch: Batch): Promise<RowsOf<Batch>> {
    const results = await this.#d1.batch(batch.map((bound) => this.#prepare(bound)))
    // D1 types what a batch returns as one kind of row for all of its statements.
    return results.map((result) => result.results) as RowsOf<Batch>
  }

  #prepare(bound: Bound<unknown>): D1PreparedStatement {
    return this.#d1.prepare(bound.sql).bind(...bound.values)
  }
}
