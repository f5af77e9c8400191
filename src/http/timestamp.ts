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

/** A request for whose tenant another clock may go. */
interface Clocked {
  readonly var: { readonly control?: { now(): Instant } }
}

/** The real time. The platform's clock gives milliseconds; what is beyond them is random, as clients only parse it. */
export const realTime = (): Instant => ({ milliseconds: Date.now(), ticks: Math.floor(Math.random() * 10_000) })

/** Now, as the request's tenant has it. */
export function now(c: Clocked): string {
  const { milliseconds, ticks } = c.var.control?.now() ?? realTime()
  return timestamp(milliseconds, ticks)
}
