// A D1 that counts: each question it is asked is one round trip, with the rows that were read and written for it.
// It is for assertions on what a request costs and changes nothing about the answers.
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { keyRing } from '../../src/auth/keys.ts'
import worker from '../../src/index.ts'
import { pepperOf } from '../../src/users/pepper.ts'
import { type Call, ORIGIN, requestTo } from './tenant.ts'

/** One round trip. `raw` and `exec` do not tell their rows: they count as none. */
export interface Trip {
  readonly rowsRead: number
  readonly rowsWritten: number
}

type Note = (...results: readonly Pick<D1Response, 'meta'>[]) => void

class CountingStatement implements D1PreparedStatement {
  readonly real: D1PreparedStatement
  readonly #note: Note

  constructor(real: D1PreparedStatement, note: Note) {
    this.real = real
    this.#note = note
  }

  bind(...values: unknown[]): CountingStatement {
    return new CountingStatement(this.real.bind(...values), this.#note)
  }

  async all<Row = Record<string, unknown>>(): Promise<D1Result<Row>> {
    const result = await this.real.all<Row>()
    this.#note(result)
    return result
  }

  async run<Row = Record<string, unknown>>(): Promise<D1Result<Row>> {
    const result = await this.real.run<Row>()
    this.#note(result)
    return result
  }

  first<Value = unknown>(column: string): Promise<Value | null>
  first<Row = Record<string, unknown>>(): Promise<Row | null>
  async first<Found>(column?: string): Promise<Found | null> {
    if (column === undefined) return (await this.all<Found>()).results[0] ?? null
    return (await this.all<Record<string, Found>>()).results[0]?.[column] ?? null
  }

  raw<Row = unknown[]>(options: { columnNames: true }): Promise<[string[], ...Row[]]>
  raw<Row = unknown[]>(options?: { columnNames?: false }): Promise<Row[]>
  async raw<Row>(options?: { columnNames?: boolean }): Promise<Row[] | [string[], ...Row[]]> {
    this.#note()
    return options?.columnNames ? this.real.raw<Row>({ columnNames: true }) : this.real.raw<Row>()
  }
}

/**
 * Wraps a D1 database.
 *
 * @example
 * const d1 = new CountingD1(env.DB)
 * await worker.fetch(request, { ...env, DB: d1 }, createExecutionContext())
 * expect(d1.takeTrips()).toHaveLength(1)
 */
export class CountingD1 implements D1Database {
  readonly #real: D1Database
  #trips: Trip[] = []

  constructor(real: D1Database) {
    this.#real = real
  }

  /** The trips since the last call, in the order in which they ended. */
  takeTrips(): Trip[] {
    const taken = this.#trips
    this.#trips = []
    return taken
  }

  prepare(query: string): CountingStatement {
    return new CountingStatement(this.#real.prepare(query), this.#note)
  }

  batch<Row = unknown>(statements: D1PreparedStatement[]): Promise<D1Result<Row>[]> {
    return this.#batch(this.#real, statements)
  }

  exec(query: string): Promise<D1ExecResult> {
    this.#note()
    return this.#real.exec(query)
  }

  withSession(start?: D1SessionBookmark | D1SessionConstraint): D1DatabaseSession {
    const session = this.#real.withSession(start)
    return {
      prepare: (query) => new CountingStatement(session.prepare(query), this.#note),
      batch: (statements) => this.#batch(session, statements),
      getBookmark: () => session.getBookmark(),
    }
  }

  dump(): Promise<ArrayBuffer> {
    this.#note()
    return this.#real.dump()
  }

  readonly #note: Note = (...results) => {
    const sum = (rows: 'rows_read' | 'rows_written') => results.reduce((total, { meta }) => total + meta[rows], 0)
    this.#trips.push({ rowsRead: sum('rows_read'), rowsWritten: sum('rows_written') })
  }

  async #batch<Row>(d1: Pick<D1Database, 'batch'>, statements: D1PreparedStatement[]): Promise<D1Result<Row>[]> {
    const real = statements.map((statement) => (statement instanceof CountingStatement ? statement.real : statement))
    const results = await d1.batch<Row>(real)
    this.#note(...results)
    return results
  }
}

/**
 * A way to call the Worker that gives the round trips of each request beside its response. The signing key and the
 * pepper are loaded beforehand, as an isolate loads them once. One request at a time: trips are not told apart.
 */
export async function countedCalls() {
  const d1 = new CountingD1(env.DB)
  const counted = { ...env, DB: d1 }
  await Promise.all([keyRing(counted), pepperOf(counted)])
  return async (method: string, path: string, given: Call = {}) => {
    const request = requestTo(`${ORIGIN}/identity_${path}`, method, given)
    d1.takeTrips()
    const context = createExecutionContext()
    const response = await worker.fetch(request, counted, context)
    await waitOnExecutionContext(context)
    return { response, trips: d1.takeTrips() }
  }
}
