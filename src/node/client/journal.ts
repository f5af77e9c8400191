// The requests a tenant answered, for tests to look at and to wait for.
import { type ControlClient, ControlError, tenantPath } from './control-client.ts'
import { type OptionNames, requireKnown } from './known-options.ts'
import type { JournalEntry, JournalFilter } from './wire.ts'

/** What to wait for. */
export interface JournalWait extends Omit<JournalFilter, 'limit'> {
  /** How many requests; 1 unless told. */
  readonly count?: number
  /** Milliseconds to wait at most; 5,000 unless told. */
  readonly timeout?: number
}

const MATCH: OptionNames<Omit<JournalFilter, 'limit'>> = {
  operation: true,
  method: true,
  status: true,
  path: true,
  principal: true,
  since: true,
}
const FILTER: OptionNames<JournalFilter> = { ...MATCH, limit: true }
const WAIT: OptionNames<JournalWait> = { ...MATCH, count: true, timeout: true }

// Tests that put their own clock in its place mean the code under test.
const elapsed = performance.now.bind(performance)

// How long one call waits: proxies drop a call that says nothing for long.
const LONGEST_CALL_S = 20

/** The requests waited for did not come in time. `seen` are those that did. */
export class WaitTimeout extends Error {
  override readonly name = 'WaitTimeout'
  readonly seen: readonly JournalEntry[]

  constructor(wanted: number, seen: readonly JournalEntry[], timeout: number) {
    super(`${seen.length} of ${wanted} requests came within ${timeout} ms`)
    this.seen = seen
  }
}

/** The last requests of a tenant. The oldest fall out as new ones come. */
export class Journal {
  readonly #control: ControlClient
  readonly #tenant: string

  constructor(control: ControlClient, tenant: string) {
    this.#control = control
    this.#tenant = tenant
  }

  /** The requests, oldest first. */
  async entries(filter: JournalFilter = {}): Promise<JournalEntry[]> {
    requireKnown('journal.entries', filter, FILTER)
    const { results } = await this.#get<{ results: JournalEntry[] }>(filter)
    return results
  }

  async count(filter: JournalFilter = {}): Promise<number> {
    requireKnown('journal.count', filter, FILTER)
    const { count } = await this.#get<{ count: number }>(filter, 'count')
    return count
  }

  /**
   * Resolves with the matching requests once there are `count` of them, whether they came before or come now.
   * @throws WaitTimeout when they did not come within `timeout` milliseconds
   */
  async waitFor(wait: JournalWait = {}): Promise<JournalEntry[]> {
    requireKnown('journal.waitFor', wait, WAIT)
    const { count = 1, timeout = 5000, ...filter } = wait
    const deadline = elapsed() + timeout
    for (let left = timeout; left > 0; left = deadline - elapsed()) {
      const seen = await this.#wait(filter, count, left)
      if (seen) return seen
    }
    const seen = await this.entries(filter)
    if (seen.length >= count) return seen
    throw new WaitTimeout(count, seen, timeout)
  }

  /** Forgets all requests so far. */
  clear(): Promise<void> {
    return this.#control.call('DELETE', tenantPath(this.#tenant, 'journal'))
  }

  /** Switches recording off, or on again. */
  async record(enabled: boolean): Promise<void> {
    await this.#control.call('PUT', tenantPath(this.#tenant, 'journal'), { body: { enabled } })
  }

  async #wait(filter: JournalFilter, count: number, leftMs: number): Promise<JournalEntry[] | undefined> {
    // The wire has whole seconds; the signal keeps to the millisecond.
    const timeout = Math.min(Math.ceil(leftMs / 1000), LONGEST_CALL_S)
    const signal = AbortSignal.timeout(Math.min(Math.ceil(leftMs), (LONGEST_CALL_S + 5) * 1000))
    try {
      const query = { ...filter, count, timeout }
      const answer = await this.#get<{ results: JournalEntry[] }>(query, 'wait', signal)
      return answer.results
    } catch (error) {
      const cameNot = error instanceof ControlError && error.status === 408
      if (cameNot || signal.aborted) return undefined
      throw error
    }
  }

  #get<Answer>(query: JournalWait, part?: 'count' | 'wait', signal?: AbortSignal): Promise<Answer> {
    const path = tenantPath(this.#tenant, 'journal', ...(part ? [part] : []))
    return this.#control.call<Answer>('GET', path, { query: { ...query }, signal })
  }
}
