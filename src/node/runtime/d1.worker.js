// The local D1's storage: a Durable Object on its SQLite file, in the same place as Miniflare's, so that `wrangler dev`
// works on the same data. It does not check what it is given, since d1.binding.js alone calls it. Written in JavaScript,
// because workerd loads this file without a build.
import { DurableObject } from 'cloudflare:workers'

/** One D1 database. */
export class Database extends DurableObject {
  /**
   * Bookmarks of a later object sort behind those of this one, as the object's beginning comes first in them. workerd's own
   * bookmark costs as much as a small query, and a page of the transaction.
   */
  #began = Date.now()
  #writes = 0
  #bookmark = this.#newBookmark()

  /**
   * Runs the statements of a call in one transaction. This returns to the caller when the writes are on the disk: the output
   * gate of Durable Objects holds it back until then.
   *
   * @param {number} number the `Call`'s, in `calls` of d1.binding.js
   */
  query(number) {
    const call = globalThis[Symbol.for('identity-edge.d1.calls')].get(number)
    const { storage } = this.ctx
    const [only, ...others] = call.statements
    try {
      // A single statement is atomic without a transaction around it.
      call.results =
        others.length === 0
          ? [run(storage.sql, only)]
          : storage.transactionSync(() => call.statements.map((statement) => run(storage.sql, statement)))
      if (call.results.some(({ written }) => written > 0)) this.#bookmark = this.#newBookmark()
      call.bookmark = this.#bookmark
    } catch (error) {
      call.error = error instanceof Error ? error.message : String(error)
    }
  }

  /** It has D1's form, `(?:[0-9a-f]{8}-){3}[0-9a-f]{32}`, and sorts behind all before it. */
  #newBookmark() {
    const began = hex(this.#began, 16)
    return `${began.slice(0, 8)}-${began.slice(8)}-${hex(++this.#writes, 8)}-${hex(0, 32)}`
  }
}

const hex = (value, digits) => value.toString(16).padStart(digits, '0')

// `exec` caches compiled statements by their text; `prepare` would compile each time.
function run(sql, { sql: text, values }) {
  const cursor = sql.exec(text, ...values)
  const rows = Array.from(cursor.raw())
  return { columns: cursor.columnNames, rows, read: cursor.rowsRead, written: cursor.rowsWritten }
}
