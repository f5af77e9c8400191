// The statements of stand-ins for a D1: they hand what they are asked on to whoever made them.

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

export function unused(method: string): never {
  throw new Error(`${method} is not used by this project`)
}
