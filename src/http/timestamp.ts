// Instants as .NET prints them.

/**
 * An instant in UTC without a zone, with up to seven fractional digits and no trailing zeros:
 * `2021-10-19T16:46:20.0742901`.
 *
 * @param milliseconds since the epoch
 * @param ticks the digits beyond the millisecond, in units of 100 ns (0 to 9999)
 */
export function timestamp(milliseconds: number, ticks: number): string {
  const [seconds, millis] = new Date(milliseconds).toISOString().slice(0, -1).split('.')
  const fraction = `${millis}${String(ticks).padStart(4, '0')}`.replace(/0+$/, '')
  return fraction === '' ? `${seconds}` : `${seconds}.${fraction}`
}

/** An instant: milliseconds since the epoch, and units of 100 ns beyond them (0 to 9999). */
export interface Instant {
  readonly milliseconds: number
  readonly ticks: number
}

/** Something with a clock of its own: `RequestEffects` of database/request-effects.ts, where tests have set one. */
export interface Clocked {
  now(): Instant
}

/** The part of a request's context that may have such a clock. */
interface ClockedContext {
  get(key: 'control'): Clocked | undefined
}

/**
 * The real time. The platform's clock gives milliseconds; the ticks beyond them are random, since clients only expect that
 * there are some.
 */
export const realTime = (): Instant => ({ milliseconds: Date.now(), ticks: Math.floor(Math.random() * 10_000) })

/** The time as the wire prints it: by the clock that tests set for the request's partition, or else the real time. */
export function now(c: ClockedContext): string {
  const { milliseconds, ticks } = c.get('control')?.now() ?? realTime()
  return timestamp(milliseconds, ticks)
}
