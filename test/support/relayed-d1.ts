// What stand-ins for a D1 are made of: all that they are asked comes to one function.

export interface Query {
  readonly sql: string
  readonly values: unknown[]
}

/** Asks the database that is stood in for. */
export type Run = (queries: Query[]) => Promise<D1Result<never>[]>

export class RelayedStatement implements D1PreparedStatement, Query {
  readonly sql: string
  readonly values: unknown[]
  readonly #run: Run

  constructor(run: Run, sql: string, values: unknown[] = []) {
    this.#run = run
    this.sql = sql
    this.values = values
  }

  bind(...values: unknown[]): RelayedStatement {
    return new RelayedStatement(this.#run, this.sql, values)
  }

  async all(): Promise<D1Result<never>> {
    const [result] = await this.#run([this])
    if (!result) throw new Error('one query gives one result')
    return result
  }

  run = () => this.all()
  first = () => unused('first')
  raw = () => unused('raw')
}

/** A D1 whose questions are answered by `run`. */
export abstract class RelayedD1 implements D1Database {
  protected abstract readonly run: Run

  prepare = (sql: string) => new RelayedStatement((queries) => this.run(queries), sql)
  batch = <Row>(statements: D1PreparedStatement[]): Promise<D1Result<Row>[]> =>
    this.run(statements.filter((statement) => statement instanceof RelayedStatement))
  withSession = (): D1DatabaseSession => ({ prepare: this.prepare, batch: this.batch, getBookmark: () => null })
  exec = () => unused('exec')
  dump = () => unused('dump')
}

/** Runs queries in one transaction of a D1. */
export const runOn = (d1: D1Database, queries: readonly Query[]) =>
  d1.batch<never>(queries.map(({ sql, values }) => d1.prepare(sql).bind(...values)))

export function unused(method: string): never {
  throw new Error(`${method} is not used by this project`)
}
