// Lets writes that wait for one another share a transaction, and with it the wait for the disk. Right only where one
// isolate writes to the database, embedded. A deployment never has one.
import type { Batch, Rows } from '../database/database.ts'
import { DatabaseFailure, DEADLINE, effectOf, unlessLate } from '../database/failure.ts'

/** Runs a batch, all of it or nothing. */
type Send = (batch: Batch) => Promise<Rows>

/** What one who waits is told. */
type Word = { is: 'lead' } | { is: 'done'; rows: Rows } | { is: 'alone' } | { is: 'failed'; error: unknown }

interface Waiting {
  readonly batch: Batch
  readonly tell: (word: Word) => void
}

/** How many statements go to the database together. */
const MAX_STATEMENTS = 400

/** How often those who wait look whether somebody still leads. In milliseconds. */
const LOOK = 250

/** How long one who is to lead may take to begin with it. In milliseconds. */
const ACCEPTANCE = 200

export class GroupCommit {
  #waiting: Waiting[] = []
  /** Who leads. Nobody goes on leading once another has taken over. */
  #leader: Batch | undefined
  /** Until when the one who leads, or is to lead, is believed to. Milliseconds since the epoch. */
  #until = 0
  readonly #patience: number

  /** @param deadline how long a round trip may take, in milliseconds; the next one waits for half of that */
  constructor(deadline: number = DEADLINE) {
    this.#patience = deadline / 2
  }

  /**
   * Runs `batch` as `send` would, alone or between others; it resolves when it is committed. Others' batches go through
   * `send` too, so what it returns has to run to its end even if its caller goes away.
   */
  async through(batch: Batch, send: Send): Promise<Rows> {
    const word = this.#isLed() ? await this.#wait(batch) : ({ is: 'lead' } as const)
    switch (word.is) {
      case 'lead':
        return this.#lead(batch, send)
      case 'done':
        return word.rows
      case 'alone':
        return send(batch)
      case 'failed':
        throw word.error
    }
  }

  // A request that is over, or that was cut off, may be gone in the middle of leading, and tells nobody.
  readonly #isLed = () => this.#leader !== undefined && Date.now() < this.#until

  async #wait(batch: Batch): Promise<Word> {
    const { promise: told, resolve: tell } = Promise.withResolvers<Word>()
    const waiting = { batch, tell }
    this.#waiting.push(waiting)
    const giveUp = Date.now() + 2 * this.#patience
    for (;;) {
      const word = await unlessLate(told, LOOK, () => undefined)
      if (word) return word
      const place = this.#waiting.indexOf(waiting)
      // It was sent, and only who sent it knows what becomes of it.
      if (place < 0) return told
      const late = Date.now() > giveUp
      if (this.#isLed() && !late) continue
      this.#waiting.splice(place, 1)
      return late ? { is: 'failed', error: new DatabaseFailure('no turn in time', 'none') } : { is: 'lead' }
    }
  }

  async #lead(batch: Batch, send: Send): Promise<Rows> {
    this.#leader = batch
    this.#until = Date.now() + this.#patience
    const others = this.#take(MAX_STATEMENTS - batch.length)
    try {
      const rows = await send([batch, ...others.map((other) => other.batch)].flat())
      let end = batch.length
      for (const other of others) {
        const begin = end
        end += other.batch.length
        other.tell({ is: 'done', rows: rows.slice(begin, end) })
      }
      return rows.slice(0, batch.length)
    } catch (error) {
      const alone = others.length > 0 && isRolledBack(error)
      for (const other of others) other.tell(alone ? { is: 'alone' } : { is: 'failed', error })
      if (!alone) throw error
    } finally {
      if (this.#leader === batch) this.#passOn()
    }
    // One of them was refused, and nothing of any took place: each is tried by itself.
    return send(batch)
  }

  /** Those who have waited longest, with at most `statements` between them. */
  #take(statements: number): Waiting[] {
    let left = statements
    const end = this.#waiting.findIndex(({ batch }) => {
      left -= batch.length
      return left < 0
    })
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)
  }

  // A request's connection is its own: the next batch is sent by one of those who are in it.
  #passOn() {
    const next = this.#waiting.shift()
    this.#until = Date.now() + ACCEPTANCE
    if (next) next.tell({ is: 'lead' })
    else this.#leader = undefined
  }
}

/** Whether a statement was refused. After any other failure the batch may have taken place: it is not repeated. */
const isRolledBack = (error: unknown) => effectOf(error, true) === 'none'
