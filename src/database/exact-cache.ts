// Remembers what reads returned, for as long as that is what they would return again. Right only where every write
// passes through it: one isolate, embedded, sole writer of its database. A deployment never has one.

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

/** Rows of a call, one array for each statement. They are shared: nobody changes them. */
export type Rows = readonly (readonly unknown[])[]

/** Who wants to know how long what was read stands. */
interface Reader {
  /** It stands as long as `ground` says so. */
  restOn(ground: () => boolean): void
  /** It may change at any moment. */
  forOnce(): void
}

interface Shelf {
  /** Writes under way. While there are any, nothing is remembered. */
  writers: number
  reads: Map<string, Rows>
  /** Grows whenever what was remembered is put aside. */
  version: number
}

function empty(shelf: Shelf) {
  if (shelf.reads.size > 0) shelf.reads = new Map()
  shelf.version++
}

/** Beyond either bound everything is forgotten. */
const MAX_READS = 10_000
const MAX_ROWS = 100_000

export class ExactCache {
  /** What is remembered, by partition; under undefined what may depend on any. */
  readonly #shelves = new Map<string | undefined, Shelf>()
  /** Writes under way that may touch any partition. */
  #wildWriters = 0
  #reads = 0
  #rows = 0

  /**
   * Answers a read with what it returned since the last write; else runs `execute`. A write has to run to its end
   * even if its caller goes away, or nothing of its partition is remembered again.
   *
   * @param reader told of a read how long it stands
   */
  through(access: Access, execute: () => Promise<Rows>, reader?: Reader): Promise<Rows> {
    if (!access.writes) return this.#read(access, execute, reader)
    return access.partition === undefined ? this.#wildWrite(execute) : this.#write(access.partition, execute)
  }

  // Rows are kept, never promises: one request's promise must not be awaited by another.
  async #read({ partition, key }: Touched & Read, execute: () => Promise<Rows>, reader?: Reader): Promise<Rows> {
    const shelf = this.#shelf(partition)
    if (shelf.writers > 0 || this.#wildWriters > 0) {
      reader?.forOnce()
      return execute()
    }
    // The number and not what was read: who holds the ground shall not keep that alive.
    const { version } = shelf
    const stands = () => shelf.version === version
    reader?.restOn(stands)
    const before = shelf.reads.get(key)
    if (before) return before
    const rows = await execute()
    // Unless a write began meanwhile.
    if (stands()) this.#remember(shelf.reads, key, rows)
    return rows
  }

  async #write(partition: string, execute: () => Promise<Rows>): Promise<Rows> {
    const touched = [this.#shelf(partition), this.#shelf(undefined)]
    for (const shelf of touched) {
      shelf.writers++
      empty(shelf)
    }
    try {
      return await execute()
    } finally {
      for (const shelf of touched) {
        shelf.writers--
        empty(shelf)
      }
    }
  }

  async #wildWrite(execute: () => Promise<Rows>): Promise<Rows> {
    this.#wildWriters++
    this.#forget()
    try {
      return await execute()
    } finally {
      this.#wildWriters--
      this.#forget()
    }
  }

  #remember(reads: Map<string, Rows>, key: string, rows: Rows) {
    reads.set(key, rows)
    this.#reads++
    for (const { length } of rows) this.#rows += length
    if (this.#reads > MAX_READS || this.#rows > MAX_ROWS) this.#forget()
  }

  #forget() {
    for (const [partition, shelf] of this.#shelves) {
      empty(shelf)
      if (shelf.writers === 0) this.#shelves.delete(partition)
    }
    this.#reads = 0
    this.#rows = 0
  }

  #shelf(partition: string | undefined): Shelf {
    const known = this.#shelves.get(partition)
    if (known) return known
    const shelf: Shelf = { writers: 0, reads: new Map(), version: 0 }
    this.#shelves.set(partition, shelf)
    return shelf
  }
}
