// The local D1 as the Worker's environment has it: the interface of a D1Database, with one RPC call to the Durable Object
// for each round trip. workerd's own binding goes over HTTP and a Worker in between, and takes twice as long for a query.
// Written in JavaScript, because workerd loads this file without a build.

/**
 * @typedef {{ columns: string[], rows: unknown[][], read: number, written: number }} Result
 * @typedef {{ results: Result[], bookmark: string, numbers?: (number | null)[], epoch?: number }} Done what was done, and the
 *   numbers of the statements if the texts of some were sent
 * @typedef {{ error: string } | { unknown: true } | Done} Answer
 */

/**
 * The numbers by which the object knows statements. Their texts are longer than all else of a request, and few: each is
 * sent once. The object draws a new `epoch` when it begins; numbers of another one mean nothing to it.
 */
class Texts {
  /** @type {Map<string, number>} */
  numbers = new Map()
  epoch = 0
}

/**
 * Makes the binding. workerd calls this with the inner bindings of the configuration: the Durable Object namespace and the
 * id.
 */
export default ({ DATABASES, ID }) => new Connection(DATABASES, DATABASES.idFromName(ID), new Texts())

/**
 * A database or a session of it. There are no replicas, so every session sees all writes, whatever bookmark it starts from.
 */
class Connection {
  #databases
  #id
  #texts
  #bookmark = null

  constructor(databases, id, texts) {
    this.#databases = databases
    this.#id = id
    this.#texts = texts
  }

  withSession() {
    return new Connection(this.#databases, this.#id, this.#texts)
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

  /** @param {readonly Statement[]} statements */
  async query(statements) {
    const { numbers, epoch } = this.#texts
    let answer = await this.#ask([epoch, ...statements.map(({ sql, values }) => [numbers.get(sql) ?? sql, values])])
    if (answer.unknown) {
      numbers.clear()
      answer = await this.#ask([0, ...statements.map(({ sql, values }) => [sql, values])])
    }
    if (answer.error !== undefined) throw new Error(`D1_ERROR: ${answer.error}`)
    if (answer.numbers) this.#learn(statements, answer)
    this.#bookmark = answer.bookmark
    return answer.results
  }

  /** @returns {Promise<Answer>} */
  async #ask(request) {
    return JSON.parse(await this.#databases.get(this.#id).query(JSON.stringify(request)))
  }

  /** @param {Done} answer */
  #learn(statements, { numbers, epoch }) {
    const texts = this.#texts
    if (texts.epoch !== epoch) texts.numbers.clear()
    texts.epoch = epoch
    for (const [index, { sql }] of statements.entries()) {
      if (numbers[index] !== null) texts.numbers.set(sql, numbers[index])
    }
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
