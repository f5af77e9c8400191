// The costs of one request: durations, rows read and written. For Server-Timing and the request log, which also names the
// partition and client that the costs are for.

/** Adds up durations by name. The platform's clock stands still while code runs, so only time spent waiting is in them. */
export class Timing {
  readonly #began = performance.now()
  readonly #spent = new Map<string, number>()
  /** The partition that was opened, as the caller wrote its id. */
  partition: string | undefined
  /** The client that authenticated itself for a token. */
  client: string | undefined
  rowsRead = 0
  rowsWritten = 0

  /** Notes whom or what the costs are for. */
  note(about: Partial<Pick<Timing, 'partition' | 'client'>>) {
    Object.assign(this, about)
  }

  /** Adds to the duration of that name, in milliseconds. */
  add(name: string, milliseconds: number) {
    this.#spent.set(name, (this.#spent.get(name) ?? 0) + milliseconds)
  }

  /** Adds the rows that the database says it read and wrote. */
  count(results: readonly Pick<D1Result, 'meta'>[]) {
    for (const { meta } of results) {
      this.rowsRead += meta.rows_read
      this.rowsWritten += meta.rows_written
    }
  }

  /** Milliseconds by name, with one decimal. The total is last. */
  get durations(): Record<string, number> {
    const all = [...this.#spent, ['total', performance.now() - this.#began] as const]
    return Object.fromEntries(all.map(([name, milliseconds]) => [name, Math.round(milliseconds * 10) / 10]))
  }

  /** The value of a Server-Timing header. */
  toString(): string {
    return Object.entries(this.durations)
      .map(([name, milliseconds]) => `${name};dur=${milliseconds.toFixed(1)}`)
      .join(', ')
  }
}
