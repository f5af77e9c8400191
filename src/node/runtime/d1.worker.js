// The local D1's storage: a Durable Object on its SQLite file, in the same place as Miniflare's, so that `wrangler dev`
// works on the same data. It does not check what it is sent, since d1.binding.js alone calls it. Written in JavaScript,
// because workerd loads this file without a build.
import { DurableObject } from 'cloudflare:workers'

/** How many texts get a number. The Worker has a few hundred statements. */
const MAX_TEXTS = 2000

/** One D1 database. */
export class Database extends DurableObject {
  /** The newest bookmark; undefined after a write. It is remembered because reading it costs as much as a small query. */
  #bookmark
  /** Tells the numbers of this object from those of one before it. */
  #epoch = 1 + Math.floor(Math.random() * Number.MAX_SAFE_INTEGER)
  /** The texts of statements, by number. */
  #texts = []
  /** @type {Map<string, number>} */
  #numbers = new Map()

  /**
   * Runs statements in one transaction. The answer leaves the object when its writes are on the disk: the output gate of
   * Durable Objects holds it back until then. Request and answer are JSON texts, which cost workerd less than structured
   * clones of the values.
   *
   * @param {string} request the epoch of the numbers in it, and for each statement `[sql or its number, values]`
   * @returns {Promise<string>} the `Answer` of d1.binding.js
   */
  async query(request) {
    const [epoch, ...queries] = JSON.parse(request)
    const { storage } = this.ctx
    if (epoch !== this.#epoch && queries.some(isNumbered)) return '{"unknown":true}'
    try {
      const numbers = queries.every(isNumbered) ? undefined : queries.map(([sql]) => this.#numberOf(sql))
      for (const query of queries) if (isNumbered(query)) query[0] = this.#texts[query[0]]
      const [only, ...others] = queries
      // A single statement is atomic without a transaction around it.
      const results =
        others.length === 0
          ? [run(storage.sql, only)]
          : storage.transactionSync(() => queries.map((query) => run(storage.sql, query)))
      if (results.some(({ written }) => written > 0)) this.#bookmark = undefined
      this.#bookmark ??= await storage.getCurrentBookmark()
      return JSON.stringify({ results, bookmark: this.#bookmark, numbers, epoch: numbers && this.#epoch })
    } catch (error) {
      return JSON.stringify({ error: error instanceof Error ? error.message : String(error) })
    }
  }

  /** The number of a text, or of what has one already; null for a text when there are too many. */
  #numberOf(sql) {
    if (typeof sql === 'number') return sql
    const known = this.#numbers.get(sql)
    if (known !== undefined || this.#texts.length === MAX_TEXTS) return known ?? null
    this.#numbers.set(sql, this.#texts.length)
    return this.#texts.push(sql) - 1
  }
}

const isNumbered = ([sql]) => typeof sql === 'number'

// `exec` caches compiled statements by their text; `prepare` would compile each time.
function run(sql, [text, values]) {
  const cursor = sql.exec(text, ...values)
  const rows = Array.from(cursor.raw())
  return { columns: cursor.columnNames, rows, read: cursor.rowsRead, written: cursor.rowsWritten }
}
