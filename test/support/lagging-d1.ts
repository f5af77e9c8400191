// A primary with replicas that lag behind it, for tests of what clients read far away. Each is a real D1; only the way
// between them is made up: a write reaches a replica once the cluster's clock has moved on by the lag.
import { type Query, RelayedStatement, type Run, runOn, unused } from './relayed-d1.ts'

interface Replica {
  readonly d1: D1Database
  applied: number
}

export class Cluster {
  /** Milliseconds; moved by the test. */
  now = 0
  /** How many reads were answered where. */
  readonly reads = { primary: 0, replica: 0 }
  readonly #primary: D1Database
  readonly #replicas: Replica[]
  readonly #lag: number
  readonly #log: { at: number; queries: Query[] }[] = []

  constructor(primary: D1Database, replicas: readonly D1Database[], lag: number) {
    this.#primary = primary
    this.#replicas = replicas.map((d1) => ({ d1, applied: 0 }))
    this.#lag = lag
  }

  /** What an isolate near replica number `near` has for a binding. */
  binding(near: number): D1Database {
    const { prepare, batch } = this.#session(near, 'first-primary')
    return {
      prepare,
      batch,
      withSession: (constraint = 'first-unconstrained') => this.#session(near, constraint),
      exec: () => unused('exec'),
      dump: () => unused('dump'),
    }
  }

  #session(near: number, constraint: string): D1DatabaseSession {
    let seen = seqOf(constraint)
    const run: Run = async (queries) => {
      if (queries.some(({ sql }) => !/^\s*select\b/i.test(sql))) {
        const results = await runOn(this.#primary, queries)
        seen = this.#log.push({ at: this.now, queries })
        return results
      }
      const replica = constraint === 'first-primary' ? undefined : await this.#replica(near, seen)
      seen = replica ? replica.applied : this.#log.length
      this.reads[replica ? 'replica' : 'primary']++
      return runOn(replica ? replica.d1 : this.#primary, queries)
    }
    return {
      prepare: (sql) => new RelayedStatement(run, sql),
      batch: async (statements) => run(statements.filter((statement) => statement instanceof RelayedStatement)),
      getBookmark: () => `${seen.toString(16).padStart(8, '0')}-00000000-00000000-${'0'.repeat(32)}`,
    }
  }

  /** The nearest replica, caught up as far as the lag allows, if that is as far as `seq`. */
  async #replica(near: number, seq: number): Promise<Replica | undefined> {
    const replica = this.#replicas[near % this.#replicas.length]
    if (!replica) return undefined
    for (const { at, queries } of this.#log.slice(replica.applied)) {
      if (at + this.#lag > this.now) break
      replica.applied++
      await runOn(replica.d1, queries)
    }
    return replica.applied >= seq ? replica : undefined
  }
}

const seqOf = (constraint: string) =>
  /^[0-9a-f]{8}-/.test(constraint) ? Number.parseInt(constraint.slice(0, 8), 16) : 0
