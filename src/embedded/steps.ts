// Steps: transactions of one large piece of work, between which the requests of others are let in.
import { type Batch, Database, type Rows } from '../database/database.ts'

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

/**
 * A database in which each batch is a step.
 * @param begin called before each, with {@link stepEnd}
 */
export function stepper(d1: D1Database, pass: Pass, begin: (end: number) => void): Database {
  return new Database({
    prepare: (sql) => d1.prepare(sql),
    batch: (statements) => d1.batch(statements),
    execute: async (batch) => {
      begin(stepEnd())
      // Only a timer lets requests in that came meanwhile: without one, workerd goes on with what it has.
      await scheduler.wait(0)
      return pass(batch)
    },
  })
}
