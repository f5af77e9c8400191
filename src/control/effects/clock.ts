// The clock of a tenant: the real one, one that was set and runs on from there, or one that was set and stands still.
import { type Instant, realTime } from '../../http/timestamp.ts'

/** A running clock showed `milliseconds` when the real time was `since`. Both in milliseconds since the epoch. */
export type ClockSetting =
  | { readonly is: 'real' }
  | ({ readonly is: 'frozen' } & Instant)
  | { readonly is: 'running'; readonly milliseconds: number; readonly since: number }

export const REAL: ClockSetting = { is: 'real' }

/** The time that the clock shows. @example readClock({ is: 'real' }) */
export function readClock(clock: ClockSetting): Instant {
  switch (clock.is) {
    case 'real':
      return realTime()
    case 'frozen':
      return clock
    case 'running':
      return { ...realTime(), milliseconds: clock.milliseconds + Date.now() - clock.since }
  }
}

/** A clock that is set to `instant`, and stands still or runs on from there. */
export const setTo = ({ milliseconds, ticks }: Instant, frozen: boolean): ClockSetting =>
  frozen ? { is: 'frozen', milliseconds, ticks } : { is: 'running', milliseconds, since: Date.now() }

/** The clock put forward by so many milliseconds, or back if they are negative. A real one becomes a running one. */
export function advance(clock: ClockSetting, by: number): ClockSetting {
  if (clock.is === 'real') return { is: 'running', milliseconds: Date.now() + by, since: Date.now() }
  return { ...clock, milliseconds: clock.milliseconds + by }
}

/** The years 0001 to 9999, which Date, tokens and .NET can all express. In milliseconds since the epoch. */
const EARLIEST = Date.parse('0001-01-01T00:00:00Z')
const LATEST = Date.UTC(9999, 11, 31)

/** Reads ISO 8601 in UTC (`Z` may be left out) with up to seven fractional digits. Undefined for anything else. */
export function parseInstant(text: string): Instant | undefined {
  const [, date, time, fraction = ''] =
    /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,7}))?[Zz]?$/.exec(text) ?? []
  if (!date || !time) return undefined
  const seconds = Date.parse(`${date}T${time}Z`)
  const digits = fraction.padEnd(7, '0')
  const milliseconds = seconds + Number(digits.slice(0, 3))
  return isShowable(milliseconds) ? { milliseconds, ticks: Number(digits.slice(3)) } : undefined
}

/** Whether a clock can be set to that instant. In milliseconds since the epoch. */
export const isShowable = (milliseconds: number) => milliseconds >= EARLIEST && milliseconds <= LATEST
