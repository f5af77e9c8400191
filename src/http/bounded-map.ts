// A cache with FIFO eviction. Caches of an isolate need a bound: the platform ends an isolate that outgrows its memory,
// and with it the requests that it is answering.

export interface Bounds<Value> {
  /** How many entries it holds at most. */
  readonly entries: number
  /** The most that the sizes of all values may add up to. */
  readonly size?: number
  /** The size of a value, in the unit of `size`. */
  readonly sizeOf?: (value: Value) => number
}

/**
 * A map that evicts its oldest entries to stay within its bounds (first in, first out). Setting a key again makes it the
 * newest; reading it does not.
 *
 * @example
 * const verified = new BoundedMap<string, Verified>({ entries: 1000 })
 */
export class BoundedMap<Key, Value> {
  readonly #map = new Map<Key, Value>()
  readonly #bounds: Bounds<Value>
  #size = 0

  constructor(bounds: Bounds<Value>) {
    this.#bounds = bounds
  }

  get(key: Key): Value | undefined {
    return this.#map.get(key)
  }

  set(key: Key, value: Value) {
    this.delete(key)
    this.#map.set(key, value)
    this.#size += this.#sizeOf(value)
    if (this.#isFull()) this.#evict()
  }

  #isFull(): boolean {
    const { entries, size = Number.POSITIVE_INFINITY } = this.#bounds
    return this.#map.size > entries || this.#size > size
  }

  #evict() {
    for (const oldest of this.#map.keys()) {
      if (!this.#isFull()) break
      this.delete(oldest)
    }
  }

  delete(key: Key) {
    const value = this.#map.get(key)
    if (!this.#map.delete(key) || value === undefined) return
    this.#size -= this.#sizeOf(value)
  }

  clear() {
    this.#map.clear()
    this.#size = 0
  }

  #sizeOf(value: Value): number {
    return this.#bounds.sizeOf?.(value) ?? 0
  }
}
