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

/** Now. The platform's clock gives milliseconds; the digits beyond them are random, as clients only parse them. */
export const now = () => timestamp(Date.now(), Math.floor(Math.random() * 10_000))
