// Caches the rows of reads, by partition, until that partition is written to. Right only where every write passes through the
// cache: in one isolate that is the sole writer of its database.
import type { Rows } from '../database/database.ts'
import { BoundedMap } from '../http/bounded-map.ts'

/** A call as the cache sees it: a read with its key, or a write, and the partition that it touches. */
export type Access = Touched & (Write | Read)

interface Touched {
  /** The one partition the call reads or writes; undefined if it may touch any. */
  readonly partition: string | undefined
}

interface Write {
  readonly writes: true
  /** The reads that its rows tell of. What these return, no write of another partition changes. */
  readonly tells: (rows: Rows) => readonly ToldRead[]
}

/** A read that comes as `key` returns `rows`. */
export interface ToldRead {
  readonly key: string
  readonly rows: Rows
}

interface Read {
  readonly writes: false
  /** Equal for reads with the same statements and values. */
  readonly key: string
}

/** It holds as long as the partition has that version. */
interface CachedTold extends ToldRead {
  readonly partition: string
  readonly version: number
}

/** The cache of one partition. */
interface PartitionCache {
  /** Writes under way. While there are any, reads go past the cache: they may see the partition before or after. */
  writers: number
  reads: Map<string, Rows>
  /** What the reads take of memory, about. */
  bytes: number
  /** Changes with every write, and never to a number that was used before. */
  version: number
}

/** Beyond any of these bounds the whole cache is emptied. */
const MAX_READS = 10_000
const MAX_PARTITIONS = 10_000
const MAX_BYTES = 32 * 1024 * 1024

/** A larger read is not cached: few of them would evict all others. */
const MAX_BYTES_OF_READ = MAX_BYTES / 8

/** Told reads that are kept. They come soon or never. */
const MAX_TOLD = 1000

/** What a row and a value take beside the text, about. In bytes. */
const [OF_ROW, OF_VALUE] = [32, 16]

/** What a text takes at most: two bytes for each UTF-16 unit, unless all of them are Latin-1. */
const bytesOf = (text: string) => 2 * text.length

/** About what rows take of memory. In bytes. */
function sizeOf(rows: Rows): number {
  let size = 0
  for (const row of rows.flat()) {
    size += OF_ROW
    for (const value of Object.values(row ?? {})) {
      size += OF_VALUE + (typeof value === 'string' ? bytesOf(value) : 0)
    }
  }
  return size
}

const newTold = () =>
  new BoundedMap<string, CachedTold>({
    entries: MAX_TOLD,
    size: MAX_BYTES_OF_READ,
    sizeOf: ({ key, rows }) => bytesOf(key) + sizeOf(rows),
  })

const newCache = (version: number): PartitionCache => ({ writers: 0, reads: new Map(), bytes: 0, version })

export class RowCache {
  readonly #partitions = new Map<string, PartitionCache>()
  /** Reads that may touch any partition, which every write empties. */
  readonly #any: PartitionCache = newCache(0)
  readonly #told = newTold()
  /** Writes under way that may touch any partition. */
  #writersOfAny = 0
  #versions = 0
  #reads = 0
  #bytes = 0

  /**
   * Runs `execute`, unless it is a read that is cached. A write has to run to its end even if its caller goes away: until
   * it has ended, nothing of its partition is cached.
   *
   * @example
   * const rows = await cache.through({ writes: false, partition, key }, () => send(session, batch))
   */
  through(access: Access, execute: () => Promise<Rows>): Promise<Rows> {
    if (!access.writes) return this.#read(access, execute)
    return access.partition === undefined ? this.#writeAny(execute) : this.#write(access.partition, access, execute)
  }

  /**
   * The version of a partition's rows: as long as it is the same, reads that touch this partition alone return the same.
   * Undefined while a write is under way.
   * @param partition in lower case; undefined for all rows of the database
   */
  versionOf(partition: string | undefined): number | undefined {
    const { writers, version } = this.#cacheOf(partition)
    return writers > 0 || this.#writersOfAny > 0 ? undefined : version
  }

  // Rows are cached, never the promise of them: in workerd a request must not wait for the I/O of another.
  async #read({ partition, key }: Touched & Read, execute: () => Promise<Rows>): Promise<Rows> {
    const told = this.#toldAs(key)
    if (told) return told
    const cache = this.#cacheOf(partition)
    if (cache.writers > 0 || this.#writersOfAny > 0) return execute()
    const { version } = cache
    const known = cache.reads.get(key)
    if (known) return known
    const rows = await execute()
    // If a write began meanwhile, the rows may be from before it.
    if (cache.version === version) this.#add(cache, key, rows)
    return rows
  }

  async #write(partition: string, { tells }: Write, execute: () => Promise<Rows>): Promise<Rows> {
    const own = this.#cacheOf(partition)
    const isFirst = own.writers === 0 && this.#writersOfAny === 0
    const touched = [own, this.#any]
    for (const cache of touched) {
      cache.writers++
      this.#empty(cache)
    }
    const { version } = own
    let told: readonly ToldRead[] = []
    try {
      const rows = await execute()
      // If another write of the partition was under way meanwhile, it may have taken place after this one.
      if (isFirst && own.version === version) told = tells(rows)
      return rows
    } finally {
      for (const cache of touched) {
        cache.writers--
        this.#empty(cache)
      }
      for (const read of told) this.#told.set(read.key, { ...read, partition, version: own.version })
    }
  }

  #toldAs(key: string): Rows | undefined {
    const told = this.#told.get(key)
    return told && this.versionOf(told.partition) === told.version ? told.rows : undefined
  }

  async #writeAny(execute: () => Promise<Rows>): Promise<Rows> {
    this.#writersOfAny++
    this.#emptyAll()
    try {
      return await execute()
    } finally {
      this.#writersOfAny--
      this.#emptyAll()
    }
  }

  #empty(cache: PartitionCache) {
    this.#reads -= cache.reads.size
    this.#bytes -= cache.bytes
    if (cache.reads.size > 0) cache.reads = new Map()
    cache.bytes = 0
    cache.version = ++this.#versions
  }

  #add(cache: PartitionCache, key: string, rows: Rows) {
    const bytes = bytesOf(key) + sizeOf(rows)
    // Of reads under way at the same time, another may have added it.
    if (bytes > MAX_BYTES_OF_READ || cache.reads.has(key)) return
    cache.reads.set(key, rows)
    cache.bytes += bytes
    this.#reads++
    this.#bytes += bytes
    if (this.#reads > MAX_READS || this.#bytes > MAX_BYTES) this.#emptyAll()
  }

  #emptyAll() {
    this.#empty(this.#any)
    for (const [partition, cache] of this.#partitions) {
      this.#empty(cache)
      if (cache.writers === 0) this.#partitions.delete(partition)
    }
  }

  #cacheOf(partition: string | undefined): PartitionCache {
    if (partition === undefined) return this.#any
    const known = this.#partitions.get(partition)
    if (known) return known
    if (this.#partitions.size >= MAX_PARTITIONS) this.#emptyAll()
    const cache = newCache(++this.#versions)
    this.#partitions.set(partition, cache)
    return cache
  }
}
