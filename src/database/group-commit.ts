// Lets writes that wait for one another share a transaction, and with it the wait for the disk. Right only where one
// isolate writes to the database, embedded. A deployment never has one.
import type { Bound } from './database.ts'
import type { Rows } from './exact-cache.ts'

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
      this.#passOn()
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

/** Whether SQLite refused a statement. After any other failure the batch may have taken place: it is not repeated. */
function isRolledBack(error: unknown): boolean {
  return error instanceof Error && error.message.includes('SQLITE_')
}
