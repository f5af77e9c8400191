// Group commit: batches that arrive while a transaction is on its way share the next one, and with it the wait for the disk.
// One of the waiting requests leads: it sends its own batch and the others', and hands each its rows. Right only where one
// isolate writes to the database; a deployment never uses it.
//
// It is done here and not in the Durable Object, since workerd delivers each call to that in a turn of its event loop, and
// ends a turn's transaction, with its fsync, before the next: writes sent one by one are never committed together, and the
// call alone takes longer than their statements.
import type { Batch } from '../database/bound.ts'
import type { Rows } from '../database/database.ts'
import { DatabaseFailure, DEADLINE, effectOf, unlessLate } from '../database/failure.ts'

/** Sends a batch as one transaction. */
type Send = (batch: Batch) => Promise<Rows>

/**
 * What a waiting request is to do. `lead`: send the next transaction. `done`: return the rows, since its batch was
 * committed with others. `alone`: send its batch by itself, since the transaction with others was rolled back. `failed`:
 * throw the error.
 */
type Outcome = { is: 'lead' } | { is: 'done'; rows: Rows } | { is: 'alone' } | { is: 'failed'; error: unknown }

interface Waiting {
  readonly batch: Batch
  readonly settle: (outcome: Outcome) => void
}

/** The most statements that one transaction has, unless a single batch has more. */
const MAX_STATEMENTS = 400

/** How often a waiting request checks that there still is a leader. In milliseconds. */
const CHECK_INTERVAL = 250

/** The longest time between being made leader and sending a transaction; then another takes over. In milliseconds. */
const TAKEOVER_TIMEOUT = 200

export class GroupCommit {
  #waiting: Waiting[] = []
  /** The batch of the request that leads, or was made leader. Replaced when another request takes over. */
  #leader: Batch | undefined
  /** When the leader counts as gone. Milliseconds since the epoch. */
  #leaderExpires = 0
  /** How long a leader may take for its transaction. In milliseconds. */
  readonly #leadTimeout: number

  /**
   * @param deadline the longest that a round trip may take, in milliseconds. A leader counts as gone after half of it; a
   * batch that was not sent after all of it fails
   */
  constructor(deadline: number = DEADLINE) {
    this.#leadTimeout = deadline / 2
  }

  /**
   * Sends `batch`, by itself or in a transaction with others' batches, and resolves when that is committed. Others' batches
   * may go through this `send`: its work has to be kept alive until it ends, even if the caller goes away.
   *
   * @throws DatabaseFailure if the batch is not sent in time; else as `send` does
   * @example
   * const rows = await commits.through(batch, (joint) => send(session, joint, undefined))
   */
  async through(batch: Batch, send: Send): Promise<Rows> {
    const outcome = this.#hasLeader() ? await this.#wait(batch) : ({ is: 'lead' } as const)
    switch (outcome.is) {
      case 'lead':
        return this.#lead(batch, send)
      case 'done':
        return outcome.rows
      case 'alone':
        return send(batch)
      case 'failed':
        throw outcome.error
    }
  }

  // A leader expires: the platform may cut its request off in the middle, and nobody else would ever be told to lead.
  readonly #hasLeader = () => this.#leader !== undefined && Date.now() < this.#leaderExpires

  async #wait(batch: Batch): Promise<Outcome> {
    const { promise: settled, resolve: settle } = Promise.withResolvers<Outcome>()
    const waiting = { batch, settle }
    this.#waiting.push(waiting)
    const giveUp = Date.now() + 2 * this.#leadTimeout
    for (;;) {
      const outcome = await unlessLate(settled, CHECK_INTERVAL, () => undefined)
      if (outcome) return outcome
      const place = this.#waiting.indexOf(waiting)
      // No longer in the queue: a leader has sent the batch, so it must not be sent again, and only that leader's answer
      // tells whether it was committed.
      if (place < 0) return settled
      const late = Date.now() > giveUp
      if (this.#hasLeader() && !late) continue
      this.#waiting.splice(place, 1)
      return late ? { is: 'failed', error: new DatabaseFailure('no turn in time', 'none') } : { is: 'lead' }
    }
  }

  async #lead(batch: Batch, send: Send): Promise<Rows> {
    this.#leader = batch
    this.#leaderExpires = Date.now() + this.#leadTimeout
    const others = this.#take(MAX_STATEMENTS - batch.length)
    try {
      const rows = await send([batch, ...others.map((other) => other.batch)].flat())
      let end = batch.length
      for (const other of others) {
        const begin = end
        end += other.batch.length
        other.settle({ is: 'done', rows: rows.slice(begin, end) })
      }
      return rows.slice(0, batch.length)
    } catch (error) {
      const alone = others.length > 0 && isRolledBack(error)
      for (const other of others) other.settle(alone ? { is: 'alone' } : { is: 'failed', error })
      if (!alone) throw error
    } finally {
      if (this.#leader === batch) this.#passOn()
    }
    // A statement of one batch was refused, and the transaction of all rolled back: each batch is sent by itself, so that
    // only the one at fault fails.
    return send(batch)
  }

  /** Takes the batches that have waited longest out of the queue, with at most `statements` in all. */
  #take(statements: number): Waiting[] {
    let left = statements
    const end = this.#waiting.findIndex(({ batch }) => {
      left -= batch.length
      return left < 0
    })
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)
  }

  // The next leader is one of the waiting requests: in workerd a request can use only connections that it opened itself.
  #passOn() {
    const next = this.#waiting.shift()
    this.#leaderExpires = Date.now() + TAKEOVER_TIMEOUT
    if (next) next.settle({ is: 'lead' })
    else this.#leader = undefined
  }
}

/** Whether nothing of a batch took place. After any other failure it may have been committed, and is not sent again. */
const isRolledBack = (error: unknown) => effectOf(error, true) === 'none'
