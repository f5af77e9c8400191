// A D1 of a process that is killed: after so many transactions that write, nothing takes place any more.
import { type Query, RelayedStatement, type Run, unused } from './relayed-statement.ts'

const isRead = ({ sql }: Query) => /^\s*select\b/i.test(sql)

export class CutOffD1 implements D1Database {
  readonly #real: D1Database
  #left = Number.POSITIVE_INFINITY
  /** The transactions that wrote, each with how many rows it wrote. */
  written: number[] = []

  constructor(real: D1Database) {
    this.#real = real
  }

  /** From now on so many transactions that write take place; then each fails, and so does whatever reads. */
  cutAfter(transactions: number) {
    this.#left = transactions
  }

  prepare = (sql: string) => new RelayedStatement(this.#run, sql)
  batch = <Row>(statements: D1PreparedStatement[]): Promise<D1Result<Row>[]> =>
    this.#run(statements.filter((statement) => statement instanceof RelayedStatement))
  withSession = (): D1DatabaseSession => ({ prepare: this.prepare, batch: this.batch, getBookmark: () => null })
  exec = () => unused('exec')
  dump = () => unused('dump')

  readonly #run: Run = async (queries) => {
    const writes = !queries.every(isRead)
    if (this.#left <= 0) throw new Error('D1_ERROR: the process is no more')
    if (writes) this.#left--
    const results = await this.#real.batch<never>(
      queries.map(({ sql, values }) => this.#real.prepare(sql).bind(...values)),
    )
    if (writes) this.written.push(results.reduce((sum, { meta }) => sum + meta.rows_written, 0))
    return results
  }
}
