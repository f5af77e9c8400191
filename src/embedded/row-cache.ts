// Remembers what reads returned, for as long as that is what they would return again. Right only where every write
// passes through it: one isolate that is the sole writer of its database.
import type { Rows } from '../database/database.ts'

/** What a cache has to know of a call: whether it writes, which partition it touches, and what tells a read from others. */
export type Access = Touched & ({ readonly writes: true } | Read)

interface Touched {
  /** The one partition the call reads or writes; undefined if it may touch any. */
  readonly partition: string | undefined
}

interface Read {
  readonly writes: false
  readonly key: string
}

/** What is remembered of one partition. */
interface Remembered {
  /** Writes under way. While there are any, nothing is remembered. */
  writers: number
  reads: Map<string, Rows>
  /** Another one after every write, and never one that was there before. */
  version: number
}

/** Beyond either bound everything is forgotten. */
const MAX_READS = 10_000
const MAX_ROWS = 100_000

export class RowCache {
  /** What is remembered, by partition; under undefined what may depend on any. */
  readonly #partitions = new Map<string | undefined, Remembered>()
  /** Writes under way that may touch any partition. */
  #writersOfAny = 0
  #versions = 0
  #reads = 0
  #rows = 0

  /**
   * Answers a read with what it returned since the last write; else runs `execute`. A write has to run to its end
   * even if its caller goes away, or nothing of its partition is remembered again.
   */
  through(access: Access, execute: () => Promise<Rows>): Promise<Rows> {
    if (!access.writes) return this.#read(access, execute)
    return access.partition === undefined ? this.#writeAny(execute) : this.#write(access.partition, execute)
  }

  /**
   * The version of what `partition`, in lower case, holds: while it is the same, so is all that can be read of it alone.
   * Undefined while something is being written.
   */
  versionOf(partition: string): number | undefined {
    const { writers, version } = this.#of(partition)
    return writers > 0 || this.#writersOfAny > 0 ? undefined : version
  }

  // Rows are kept, never promises: one request's promise must not be awaited by another.
  async #read({ partition, key }: Touched & Read, execute: () => Promise<Rows>): Promise<Rows> {
    const remembered = this.#of(partition)
    if (remembered.writers > 0 || this.#writersOfAny > 0) return execute()
    const { version } = remembered
    const before = remembered.reads.get(key)
    if (before) return before
    const rows = await execute()
    // Unless a write began meanwhile.
    if (remembered.version === version) this.#remember(remembered.reads, key, rows)
    return rows
  }

  async #write(partition: string, execute: () => Promise<Rows>): Promise<Rows> {
    const touched = [this.#of(partition), this.#of(undefined)]
    for (const remembered of touched) {
      remembered.writers++
      this.#empty(remembered)
    }
    try {
      return await execute()
    } finally {
      for (const remembered of touched) {
        remembered.writers--
        this.#empty(remembered)
      }
    }
  }

  async #writeAny(execute: () => Promise<Rows>): Promise<Rows> {
    this.#writersOfAny++
    this.#forget()
    try {
      return await execute()
    } finally {
      this.#writersOfAny--
      this.#forget()
    }
  }

  #empty(remembered: Remembered) {
    if (remembered.reads.size > 0) remembered.reads = new Map()
    remembered.version = ++this.#versions
  }

  #remember(reads: Map<string, Rows>, key: string, rows: Rows) {
    reads.set(key, rows)
    this.#reads++
    for (const { length } of rows) this.#rows += length
    if (this.#reads > MAX_READS || this.#rows > MAX_ROWS) this.#forget()
  }

  #forget() {
    for (const [partition, remembered] of this.#partitions) {
      this.#empty(remembered)
      if (remembered.writers === 0) this.#partitions.delete(partition)
    }
    this.#reads = 0
    this.#rows = 0
  }

  #of(partition: string | undefined): Remembered {
    const known = this.#partitions.get(partition)
    if (known) return known
    const remembered: Remembered = { writers: 0, reads: new Map(), version: ++this.#versions }
    this.#partitions.set(partition, remembered)
    return remembered
  }
}
