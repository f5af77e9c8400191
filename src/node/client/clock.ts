// The time in a tenant: what its timestamps, the expiry of its tokens and its lock-outs go by.
import { type ControlClient, tenantPath } from './control-client.ts'
import { type OptionNames, requireKnown } from './known-options.ts'
import type { ClockReading } from './wire.ts'

/** How a clock is set. */
export interface ClockOptions {
  /** Whether it stands still; true unless told. */
  readonly frozen?: boolean
}

const OPTIONS: OptionNames<ClockOptions> = { frozen: true }

/** A tenant's clock. Other tenants are not touched by it. */
export class Clock {
  readonly #control: ControlClient
  readonly #path: string

  constructor(control: ControlClient, tenant: string) {
    this.#control = control
    this.#path = tenantPath(tenant, 'clock')
  }

  /** The instant, with up to seven fractional digits: `2021-10-20T12:00:00.1234567Z`. */
  async now(): Promise<string> {
    const { now } = await this.read()
    return now
  }

  /** The instant, and whether it moves. */
  read(): Promise<ClockReading> {
    return this.#control.call<ClockReading>('GET', this.#path)
  }

  /** Puts the clock at an instant. It stands still there unless `frozen` is false. */
  async set(instant: string | Date, options: ClockOptions = {}): Promise<void> {
    requireKnown('clock.set', options, OPTIONS)
    const { frozen = true } = options
    const now = typeof instant === 'string' ? instant : instant.toISOString()
    await this.#control.call('PUT', this.#path, { body: { now, frozen } })
  }

  /** Moves the clock by that many milliseconds; one that stands still stands still again afterwards. */
  async advance(milliseconds: number): Promise<void> {
    await this.#control.call('POST', `${this.#path}/advance`, { body: { milliseconds } })
  }

  /** Back to the real time. */
  async release(): Promise<void> {
    await this.#control.call('DELETE', this.#path)
  }
}
