// A D1 that goes wrong on purpose, over a real one: what it does is done by the real one, and what it fails to do is not.
import { type Query, RelayedD1, type Run, runOn } from './relayed-d1.ts'

/**
 * `refuse`: nothing is done. `rows`: nothing is done, the free plan's rows of the day are used up. `lost`: it is done, and the answer never comes but as an error. `full`: the disk is. `unwritable`: so it is, and what only reads is answered.
 * `middle`: a statement in the middle is refused. `hang`: nothing is done and nothing answers, until `recover`.
 * `late`: it is done, and the answer waits for `recover`. `later`: it is done and answered after `recover`.
 */
export type Fault = 'refuse' | 'rows' | 'lost' | 'full' | 'unwritable' | 'middle' | 'hang' | 'late' | 'later'

export class FailingD1 extends RelayedD1 {
  readonly #real: D1Database
  #fault: Fault | undefined
  #recovered: () => void = () => {}
  #recovery: Promise<void> = Promise.resolve()
  readonly #running = new Set<Promise<unknown>>()

  constructor(real: D1Database) {
    super()
    this.#real = real
  }

  /** From now on every question goes wrong. */
  fail(fault: Fault) {
    this.#fault = fault
    this.#recovery = new Promise((resolve) => {
      this.#recovered = resolve
    })
  }

  /** From now on every question is answered, and what waits goes on. Resolves once all of that is over. */
  async recover(): Promise<void> {
    this.#fault = undefined
    this.#recovered()
    await Promise.allSettled(this.#running)
  }

  protected readonly run: Run = (queries) => {
    const running = this.#meetFault(queries)
    this.#running.add(running)
    const over = () => this.#running.delete(running)
    running.then(over, over)
    return running
  }

  readonly #meetFault: Run = async (queries) => {
    const recovery = this.#recovery
    switch (this.#fault) {
      case undefined:
        return this.#execute(queries)
      case 'refuse':
        throw new Error('D1_ERROR: D1 DB is overloaded. Requests queued for too long.')
      case 'rows':
        throw new Error(
          "D1_ERROR: Your account has exceeded D1's free tier daily row write limit. Upgrade to a paid plan or wait until tomorrow (midnight UTC) to continue.",
        )
      case 'full':
        throw new Error('D1_ERROR: database or disk is full: SQLITE_FULL')
      case 'unwritable':
        if (queries.every(({ sql }) => /^\s*select/i.test(sql))) return this.#execute(queries)
        throw new Error('D1_ERROR: database or disk is full: SQLITE_FULL')
      case 'lost':
        await this.#execute(queries)
        throw new Error('D1_ERROR: Network connection lost.')
      case 'middle':
        return this.#execute(queries.flatMap((query) => [query, { sql: 'select json_extract(1, 1)', values: [] }]))
      case 'hang':
        await recovery
        throw new Error('D1_ERROR: Internal error in D1 DB storage caused object to be reset.')
      case 'late': {
        const results = await this.#execute(queries)
        await recovery
        return results
      }
      case 'later':
        await recovery
        return this.#execute(queries)
    }
  }

  #execute(queries: Query[]) {
    return runOn(this.#real, queries)
  }
}
