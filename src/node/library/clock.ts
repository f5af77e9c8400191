// The clock of a tenant, which its timestamps, the expiry of tokens and lock-outs go by.
import { type ControlClient, tenantPath } from './control-client.ts'
import { type OptionNames, requireKnown } from './known-options.ts'
import type { ClockReading } from './wire.ts'

/**
 * How a clock is set.
 *
 * @example
 * ```ts
 * const options: ClockOptions = { frozen: false }
 * await tenant.clock.set('2030-01-01T00:00:00Z', options)
 * ```
 */
export interface ClockOptions {
  /** Whether the clock stands still. True by default; with false it goes on from the instant that is set. */
  readonly frozen?: boolean | undefined
}

const OPTIONS: OptionNames<ClockOptions> = { frozen: true }

/**
 * The clock of one tenant: `tenant.clock`. Timestamps, the expiry of tokens and lock-outs of this tenant go by it; other
 * tenants have their own. It shows years from 0001 to 9999. Every method throws a `ControlError` when the tenant no longer
 * exists (404).
 *
 * @example
 * ```ts
 * const token = await tenant.token({ expiresIn: 60 })
 * await tenant.clock.advance(61_000)
 * const response = await fetch(`${tenant.url}/identity_/api/Group/${tenant.id}`, {
 *   headers: { authorization: `Bearer ${token}` },
 * })
 * console.log(response.status) // 401
 * ```
 */
export class Clock {
  readonly #control: ControlClient
  readonly #path: string

  /** A tenant has its clock in `tenant.clock`. */
  constructor(control: ControlClient, tenant: string) {
    this.#control = control
    this.#path = tenantPath(tenant, 'clock')
  }

  /**
   * The tenant's time, ISO 8601 in UTC with up to seven fractional digits: `2021-10-20T12:00:00.1234567Z`.
   *
   * @example
   * ```ts
   * const now = new Date(await tenant.clock.now())
   * ```
   */
  async now(): Promise<string> {
    const { now } = await this.read()
    return now
  }

  /**
   * The tenant's time, and whether it stands still or is the real time.
   *
   * @example
   * ```ts
   * const { now, frozen, real } = await tenant.clock.read()
   * ```
   */
  read(): Promise<ClockReading> {
    return this.#control.call<ClockReading>('GET', this.#path)
  }

  /**
   * Sets the clock. It stands still there, unless `frozen` is false.
   *
   * @example
   * ```ts
   * await tenant.clock.set('2021-10-20T12:00:00Z')
   * await tenant.clock.set(new Date(), { frozen: false })
   * ```
   * @param instant a Date, or ISO 8601 in UTC with up to seven fractional digits
   * @throws TypeError for an unknown option
   * @throws ControlError (400) for a text that is not such an instant
   */
  async set(instant: string | Date, options: ClockOptions = {}): Promise<void> {
    requireKnown('clock.set', options, OPTIONS)
    const { frozen = true } = options
    const now = typeof instant === 'string' ? instant : instant.toISOString()
    await this.#control.call('PUT', this.#path, { body: { now, frozen } })
  }

  /**
   * Moves the clock, forward or, with a negative number, back. One that stands still stands still again afterwards; a real
   * one goes on from there.
   *
   * @example
   * ```ts
   * await tenant.clock.advance(3_600_000) // an hour
   * ```
   * @param milliseconds a whole number
   * @throws ControlError (400) for a fraction, or a time that the clock cannot show
   */
  async advance(milliseconds: number): Promise<void> {
    await this.#control.call('POST', `${this.#path}/advance`, { body: { milliseconds } })
  }

  /**
   * Makes the clock show the real time again.
   *
   * @example
   * ```ts
   * await tenant.clock.release()
   * ```
   */
  async release(): Promise<void> {
    await this.#control.call('DELETE', this.#path)
  }
}
