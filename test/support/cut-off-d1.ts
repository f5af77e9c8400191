// A D1 of a process that is killed: after so many transactions that write, nothing takes place any more.
import { type Query, RelayedD1, type Run, runOn } from './relayed-d1.ts'

const isRead = ({ sql }: Query) => /^\s*select\b/i.test(sql)

export class CutOffD1 extends RelayedD1 {
  readonly #real: D1Database
  #left = Number.POSITIVE_INFINITY
  /** The transactions that wrote, each with how many rows it wrote. */
  written: number[] = []

  constructor(real: D1Database) {
    super()
    this.#real = real
  }

  /** From now on so many transactions that write take place; then each fails, and so does whatever reads. */
  cutAfter(transactions: number) {
    this.#left = transactions
  }

  protected readonly run: Run = async (queries) => {
    const writes = !queries.every(isRead)
    if (this.#left <= 0) throw new Error('D1_ERROR: the process is no more')
    const results = await runOn(this.#real, queries)
    if (writes) {
      // One that was refused has not taken place.
      this.#left--
      this.written.push(results.reduce((sum, { meta }) => sum + meta.rows_written, 0))
    }
    return results
  }
}
