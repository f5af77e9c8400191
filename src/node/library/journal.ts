// Reading the journal of a tenant's requests, and waiting for entries.
import { noSuch } from '../../http/nearest.ts'
import { type ControlClient, ControlError, tenantPath } from './control-client.ts'
import type { JournalEntry, JournalFilter } from './journal-entry.ts'
import { EXPORTS, type JournalFormat } from './journal-export.ts'
import { type OptionNames, requireKnown } from './known-options.ts'

/**
 * The requests to wait for: those that match all properties of the filter.
 *
 * @example
 * ```ts
 * const wait: JournalWait = { operation: 'Group_UpdateGroup', count: 2, timeout: 10_000 }
 * const requests = await tenant.journal.waitFor(wait)
 * ```
 */
export interface JournalWait extends Omit<JournalFilter, 'limit' | 'before'> {
  /** The number of requests, from 1 to 1,000. 1 by default. */
  readonly count?: number | undefined
  /** Milliseconds until the wait fails. 5,000 by default. */
  readonly timeout?: number | undefined
}

/**
 * What a journal records beside the usual.
 *
 * @example
 * ```ts
 * const options: RecordOptions = { headers: ['x-correlation-id'] }
 * await tenant.journal.record(true, options)
 * ```
 */
export interface RecordOptions {
  /** Request headers to keep beside the usual ones, 32 at most. Those chosen before by default. */
  readonly headers?: readonly string[] | undefined
}

const RECORD: OptionNames<RecordOptions> = { headers: true }
const MATCH: OptionNames<Omit<JournalFilter, 'limit' | 'before'>> = {
  operation: true,
  method: true,
  status: true,
  path: true,
  principal: true,
  since: true,
}
const FILTER: OptionNames<JournalFilter> = { ...MATCH, before: true, limit: true }
const WAIT: OptionNames<JournalWait> = { ...MATCH, count: true, timeout: true }

// Kept from before a test replaces the clock by fake timers, under which a timeout would never pass.
const elapsed = performance.now.bind(performance)

// One request to the control plane waits for so many seconds at most: proxies drop connections that are idle for longer.
const LONGEST_CALL_S = 20

/**
 * The requests of a `waitFor` did not come in time.
 *
 * @example
 * ```ts
 * try {
 *   await tenant.journal.waitFor({ count: 2, timeout: 1000 })
 * } catch (error) {
 *   if (error instanceof WaitTimeout) console.log(error.seen.map(({ path }) => path))
 *   throw error
 * }
 * ```
 */
export class WaitTimeout extends Error {
  /** `WaitTimeout`. */
  override readonly name = 'WaitTimeout'
  /** The matching requests that did come. */
  readonly seen: readonly JournalEntry[]

  /** Thrown by the library; tests need not make one. */
  constructor(wanted: number, seen: readonly JournalEntry[], timeout: number, last: readonly JournalEntry[] = []) {
    const others = last
      .map(({ method, path, status, near }) => `${method} ${path} ${status}${near ? ` (${near})` : ''}`)
      .join(', ')
    const said = others === '' ? 'the journal is empty, or was never switched on' : `the last in the journal: ${others}`
    super(`${seen.length} of ${wanted} requests came within ${timeout} ms; ${said}`)
    this.seen = seen
  }
}

/**
 * The journal of one tenant: `tenant.journal`. It holds the last 1,000 requests that the tenant answered; a request is in
 * it before its answer is sent. Every method throws a `ControlError` when the tenant no longer exists (404).
 *
 * @example
 * ```ts
 * await tenant.journal.clear()
 * // … the code under test …
 * console.log(await tenant.journal.count({ method: 'PUT' }))
 * ```
 */
export class Journal {
  readonly #control: ControlClient
  readonly #tenant: string

  /** A tenant has its journal in `tenant.journal`. */
  constructor(control: ControlClient, tenant: string) {
    this.#control = control
    this.#tenant = tenant
  }

  /**
   * The newest matching requests, oldest first: 100 of them, or `limit`.
   *
   * @example
   * ```ts
   * const [first] = await tenant.journal.entries({ operation: 'Setting_UpdateSettings' })
   * console.log(first?.request)
   * ```
   * @throws TypeError for an unknown property
   * @throws ControlError (400) for an unknown operation or method, or a number out of its bounds
   */
  async entries(filter: JournalFilter = {}): Promise<JournalEntry[]> {
    requireKnown('journal.entries', filter, FILTER)
    const { results } = await this.#get<{ results: JournalEntry[] }>(filter)
    return results
  }

  /**
   * The number of matching requests in the journal.
   *
   * @example
   * ```ts
   * const failed = await tenant.journal.count({ status: 503 })
   * ```
   * @throws TypeError for an unknown property
   * @throws ControlError (400) for an unknown operation or method, or a number out of its bounds
   */
  async count(filter: JournalFilter = {}): Promise<number> {
    requireKnown('journal.count', filter, FILTER)
    const { count } = await this.#get<{ count: number }>(filter, 'count')
    return count
  }

  /**
   * Resolves with the matching requests once the journal has `count` of them. Those that came before the call count too.
   *
   * @example
   * ```ts
   * const [request] = await tenant.journal.waitFor({ operation: 'Group_UpdateGroup', status: 200, timeout: 10_000 })
   * console.log(request?.request)
   * ```
   * @throws WaitTimeout when they do not come within `timeout` milliseconds
   * @throws TypeError for an unknown property
   * @throws ControlError (400) for an unknown operation or method, or a number out of its bounds
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
    throw new WaitTimeout(count, seen, timeout, await this.entries({ limit: 5 }))
  }

  /**
   * The matching requests in a form that other tools read, without secrets: `$TOKEN` and `$CLIENT_SECRET` stand in their
   * places.
   *
   * @example
   * ```ts
   * const har = JSON.parse(await tenant.journal.export('har'))
   * console.log(har.log.entries.length)
   * console.log(await tenant.journal.export('curl', { status: 403 }))
   * ```
   * @param format `har` (HAR 1.2), `curl` (calls for a shell) or `http` (a file for the HTTP clients of editors)
   * @throws TypeError for an unknown format or property
   * @throws ControlError (400) for an unknown operation or method, or a number out of its bounds
   */
  async export(format: JournalFormat, filter: JournalFilter = {}): Promise<string> {
    if (!Object.hasOwn(EXPORTS, format)) throw new TypeError(noSuch('format', format, Object.keys(EXPORTS)))
    requireKnown('journal.export', filter, FILTER)
    return EXPORTS[format](await this.entries(filter), this.#control.origin)
  }

  /**
   * Removes all entries.
   *
   * @example
   * ```ts
   * await tenant.journal.clear()
   * ```
   */
  clear(): Promise<void> {
    return this.#control.call('DELETE', tenantPath(this.#tenant, 'journal'))
  }

  /**
   * Switches recording on or off. Off, each request saves a write to the database. Entries stay.
   *
   * @example
   * ```ts
   * await tenant.journal.record(true, { headers: ['x-correlation-id'] })
   * await tenant.journal.record(false)
   * ```
   * @throws TypeError for an unknown option
   * @throws ControlError (400) for a header that may carry a secret, such as `Authorization`
   */
  async record(enabled: boolean, options: RecordOptions = {}): Promise<void> {
    requireKnown('journal.record', options, RECORD)
    await this.#control.call('PUT', tenantPath(this.#tenant, 'journal'), { body: { enabled, ...options } })
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
      const timedOut = error instanceof ControlError && error.status === 408
      if (timedOut || signal.aborted) return undefined
      throw error
    }
  }

  #get<Answer>(query: JournalWait, part?: 'count' | 'wait', signal?: AbortSignal): Promise<Answer> {
    const path = tenantPath(this.#tenant, 'journal', ...(part ? [part] : []))
    return this.#control.call<Answer>('GET', path, { query: { ...query }, signal })
  }
}
