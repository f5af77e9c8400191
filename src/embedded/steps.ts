// Steps: transactions of one large piece of work, between which the requests of others are let in.
import type { Batch } from '../database/bound.ts'
import { Database, type Rows } from '../database/database.ts'
import { letOthersIn } from '../http/let-others-in.ts'

/** Runs a batch as one transaction. */
export type Pass = (batch: Batch) => Promise<Rows>

/** The longest that a step may take. Then whoever makes it counts as cut off, and another goes on. In milliseconds. */
const STEP_TIMEOUT = 5000

/** How often a request looks whether the steps that it waits for are made. In milliseconds. */
const CHECK_INTERVAL = 5

/** When a step that begins now counts as cut off. In milliseconds since the epoch. */
export const stepEnd = () => Date.now() + STEP_TIMEOUT

/** Waits a moment for steps of another request: in workerd none can wait for the I/O of another. */
export const waitForSteps = () => scheduler.wait(CHECK_INTERVAL)

/** Makes steps in a database, and lets the calls of others in between. */
export class Stepper {
  readonly #d1: D1Database
  /** How many calls of others there were. */
  #calls = 0

  constructor(d1: D1Database) {
    this.#d1 = d1
  }

  /** Says that the database is called by another than the steps. */
  called() {
    this.#calls++
  }

  /**
   * A database in which each batch is a step.
   * @param pass runs it
   * @param begin called before each and while it waits for its turn, with {@link stepEnd}
   */
  open(pass: Pass, begin: (end: number) => void): Database {
    /** How many calls there were before the last step. */
    let seen = this.#calls
    return new Database({
      prepare: (sql) => this.#d1.prepare(sql),
      batch: (statements) => this.#d1.batch(statements),
      execute: async (batch) => {
        begin(stepEnd())
        await letOthersIn(() => {
          begin(stepEnd())
          return this.#calls === seen
        })
        seen = this.#calls
        return pass(batch)
      },
    })
  }
}
