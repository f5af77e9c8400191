// The local D1's storage: a Durable Object on its SQLite file, in the same place as Miniflare's, so that `wrangler dev`
// works on the same data. It does not check what it is sent, since d1.binding.js alone calls it. Written in JavaScript,
// because workerd loads this file without a build.
import { DurableObject } from 'cloudflare:workers'

/** One D1 database. */
export class Database extends DurableObject {
  /** The newest bookmark; undefined after a write. It is remembered because reading it costs as much as a small query. */
  #bookmark

  /**
   * Runs statements in one transaction. The answer leaves the object when its writes are on the disk: the output gate of
   * Durable Objects holds it back until then. Request and answer are JSON texts, which cost workerd less than structured
   * clones of the values.
   *
   * @param {string} request a list of `[sql, values]`
   * @returns {Promise<string>} the `Answer` of d1.binding.js
   */
  async query(request) {
    const queries = JSON.parse(request)
    const { storage } = this.ctx
    try {
      const [only, ...others] = queries
      // A single statement is atomic without a transaction around it.
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

// `exec` caches compiled statements by their text; `prepare` would compile each time.
function run(sql, [text, values]) {
  const cursor = sql.exec(text, ...values)
  const rows = Array.from(cursor.raw())
  return { columns: cursor.columnNames, rows, read: cursor.rowsRead, written: cursor.rowsWritten }
}
