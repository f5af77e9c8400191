// Lets writes that wait for one another share a transaction, and with it the wait for the disk. Right only where one
// isolate writes to the database, embedded. A deployment never has one.
import type { Bound } from './database.ts'
import type { Rows } from './exact-cache.ts'
import { DEADLINE, effectOf } from './failure.ts'

type Batch = readonly Bound<unknown>[]

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

export class GroupCommit {
  #waiting: Waiting[] = []
  #underWay = false
  readonly #patience: number

  /** @param patience how long a transaction keeps the next one waiting, in milliseconds */
  constructor(patience: number = DEADLINE) {
    this.#patience = patience
  }

  /**
   * Runs `batch` as `send` would, alone or between others; it resolves when it is committed. Others' batches go through
   * `send` too, so what it returns has to run to its end even if its caller goes away.
   */
  async through(batch: Batch, send: Send): Promise<Rows> {
    if (!this.#underWay) return this.#lead(batch, send)
    const word = await new Promise<Word>((tell) => this.#waiting.push({ batch, tell }))
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

  async #lead(batch: Batch, send: Send): Promise<Rows> {
    this.#underWay = true
    const others = this.#take(MAX_STATEMENTS - batch.length)
    let handedOn = false
    const handOn = () => {
      if (!handedOn) this.#passOn()
      handedOn = true
    }
    // What hangs in the database keeps its own waiting, not those after it.
    const timer = setTimeout(handOn, this.#patience)
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
      clearTimeout(timer)
      handOn()
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
    if (next) next.tell({ is: 'lead' })
    else this.#underWay = false
  }
}

/** Whether a statement was refused. After any other failure the batch may have taken place: it is not repeated. */
const isRolledBack = (error: unknown) => effectOf(error, true) === 'none'
