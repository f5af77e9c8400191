// The local D1's storage: a Durable Object on its SQLite file, in the same place as Miniflare's, so that `wrangler dev`
// works on the same data. It does not check what it is given, since d1.binding.js alone calls it. Written in JavaScript,
// because workerd loads this file without a build.
import { DurableObject } from 'cloudflare:workers'

/** A transaction with more statements is taken to change many pages. */
const FEW_STATEMENTS = 6

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
   * Runs the statements of a call in one transaction. The caller is answered when the writes are on the disk: the output gate
   * of Durable Objects holds the answer back until then.
   *
   * @param {number} number the `Call`'s, in `calls` of d1.binding.js
   */
  async query(number) {
    const call = globalThis[Symbol.for('identity-edge.d1.calls')].get(number)
    try {
      call.results = await this.#run(call.statements)
      if (call.results.some(({ written }) => written > 0)) this.#bookmark = this.#newBookmark()
      call.bookmark = this.#bookmark
    } catch (error) {
      call.error = error instanceof Error ? error.message : String(error)
    }
  }

  /** @returns {Result[] | Promise<Result[]>} */
  #run(statements) {
    const { storage } = this.ctx
    const runAll = () => statements.map((statement) => run(storage.sql, statement))
    const writer = statements.findIndex(({ sql }) => !/^\s*select\b/i.test(sql))
    // A statement is atomic without a transaction around it, and nothing else runs between those of a call.
    if (writer < 0 || writer === statements.length - 1) return runAll()
    // `transactionSync` opens a savepoint within a transaction: SQLite copies each page before its first change, into a file
    // when there are more than 15. The savepoint of `transaction` is the transaction, but it takes turns of the event loop,
    // which cost more than a few copies. A removal takes rows of many tables with it.
    const isLarge = statements.length > FEW_STATEMENTS || /^\s*delete\b/i.test(statements[writer].sql)
    return isLarge ? storage.transaction(async () => runAll()) : storage.transactionSync(runAll)
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
