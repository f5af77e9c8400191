// The local D1: a Durable Object on its SQLite file, in the place of Miniflare's. The files are the same; statements are
// compiled once, and nothing is checked that the binding made. JavaScript, because workerd reads it as it stands.
import { DurableObject } from 'cloudflare:workers'

/** One database. */
export class Database extends DurableObject {
  /** The newest bookmark; undefined when something was written since. Asking for it costs as much as a small query. */
  #bookmark

  /**
   * Runs queries, together or not at all. What it returns leaves once what was written is on the disk: the object's
   * output gate sees to that. Both ways as JSON, which costs the runtime less than values do.
   *
   * @param {string} asked a list of `[sql, values]`
   * @returns {Promise<string>} `Answer` of the binding
   */
  async query(asked) {
    const queries = JSON.parse(asked)
    const { storage } = this.ctx
    try {
      const [only, ...others] = queries
      // One statement is atomic by itself.
      const results =
        others.length === 0
          ? [run(storage.sql, only)]
          : storage.transactionSync(() => queries.map((query) => run(storage.sql, query)))
      if (results.some(({ written }) => written > 0)) this.#bookmark = undefined
      this.#bookmark ??= await storage.getCurrentBookmark()
      return JSON.stringify({ results, bookmark: this.#bookmark })
    } catch (error) {
      return JSON.stringify({ error: error instanceof Error ? error.message : String(error) })
    }
  }
}

// `exec` keeps what it has compiled, which `prepare` does not.
function run(sql, [text, values]) {
  const cursor = sql.exec(text, ...values)
  const rows = Array.from(cursor.raw())
  return { columns: cursor.columnNames, rows, read: cursor.rowsRead, written: cursor.rowsWritten }
}
