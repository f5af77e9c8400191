// The local D1 as the Worker's environment has it: the interface of a D1Database, with one RPC call to the Durable Object
// for each round trip. workerd's own binding goes over HTTP and a Worker in between, and takes twice as long for a query.
// Written in JavaScript, because workerd loads this file without a build.

/** @typedef {{ columns: string[], rows: unknown[][], read: number, written: number }} Result */
/**
 * A round trip: the statements and, when the object has run them, what came of them.
 * @typedef {{ statements: readonly Statement[], results?: Result[], bookmark?: string, error?: string }} Call
 */

/**
 * The calls under way, by number. The object is in the isolate of the Worker, so that statements and rows need not be
 * copied into an RPC message and out of it: the message has the number alone. The object finds them by the global symbol, since
 * workerd lets a Worker's modules import none of the modules that make bindings.
 * @type {Map<number, Call>}
 */
const calls = new Map()
globalThis[Symbol.for('identity-edge.d1.calls')] = calls

let lastNumber = 0

/**
 * Makes the binding. workerd calls this with the inner bindings of the configuration: the Durable Object namespace and the
 * id.
 */
export default ({ DATABASES, ID }) => new Connection(DATABASES, DATABASES.idFromName(ID))

/**
 * A database or a session of it. There are no replicas, so every session sees all writes, whatever bookmark it starts from.
 */
class Connection {
  #databases
  #id
  #bookmark = null

  constructor(databases, id) {
    this.#databases = databases
    this.#id = id
  }

  withSession() {
    return new Connection(this.#databases, this.#id)
  }

  getBookmark() {
    return this.#bookmark
  }

  prepare(sql) {
    return new Statement(this, sql, [])
  }

  async batch(statements) {
    const results = await this.query(statements)
    return results.map(present)
  }

  /**
   * @param {readonly Statement[]} statements
   * @returns {Promise<Result[]>}
   */
  async query(statements) {
    const number = ++lastNumber
    /** @type {Call} */
    const call = { statements }
    calls.set(number, call)
    try {
      await this.#databases.get(this.#id).query(number)
    } finally {
      calls.delete(number)
    }
    if (call.error !== undefined) throw new Error(`D1_ERROR: ${call.error}`)
    this.#bookmark = call.bookmark
    return call.results
  }
}

class Statement {
  #connection

  constructor(connection, sql, values) {
    this.#connection = connection
    this.sql = sql
    this.values = values
  }

  bind(...values) {
    const wrong = values.findIndex((value) => value !== null && typeof value !== 'string' && typeof value !== 'number')
    if (wrong >= 0) throw new TypeError(`D1_TYPE_ERROR: Type '${typeof values[wrong]}' not supported`)
    return new Statement(this.#connection, this.sql, values)
  }

  async all() {
    const [result] = await this.#connection.query([this])
    return present(result)
  }

  run() {
    return this.all()
  }

  async first(column) {
    const { results } = await this.all()
    const [row = null] = results
    return column === undefined || row === null ? row : row[column]
  }

  async raw() {
    const [{ rows }] = await this.#connection.query([this])
    return rows
  }
}

/** @param {Result} result */
function present({ columns, rows, read, written }) {
  return {
    success: true,
    results: rows.map((row) => objectOf(columns, row)),
    meta: { served_by_primary: true, duration: 0, rows_read: read, rows_written: written },
  }
}

function objectOf(columns, row) {
  const object = {}
  for (let index = 0; index < columns.length; index++) object[columns[index]] = row[index]
  return object
}
