// The clock of a tenant: real, set to another instant and running on from there, or frozen.
import { type Instant, realTime } from '../../http/timestamp.ts'

/** `since`: the real time, in milliseconds since the epoch, at which a running clock showed `milliseconds`. */
export type ClockSetting =
  | { readonly is: 'real' }
  | ({ readonly is: 'frozen' } & Instant)
  | { readonly is: 'running'; readonly milliseconds: number; readonly since: number }

export const REAL: ClockSetting = { is: 'real' }

/** What the clock shows. */
export function read(clock: ClockSetting): Instant {
  switch (clock.is) {
    case 'real':
      return realTime()
    case 'frozen':
      return clock
    case 'running':
      return { ...realTime(), milliseconds: clock.milliseconds + Date.now() - clock.since }
  }
}

/** A clock that shows `instant`, standing still or going on from there. */
export const setTo = ({ milliseconds, ticks }: Instant, frozen: boolean): ClockSetting =>
  frozen ? { is: 'frozen', milliseconds, ticks } : { is: 'running', milliseconds, since: Date.now() }

/** The clock, put forward. A real one goes on from there. */
export function advance(clock: ClockSetting, by: number): ClockSetting {
  if (clock.is === 'real') return { is: 'running', milliseconds: Date.now() + by, since: Date.now() }
  return { ...clock, milliseconds: clock.milliseconds + by }
}

/** Instants Date can show, and tokens and .NET as well: years 0001 to 9999. In milliseconds since the epoch. */
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

/** Whether a clock can show that instant. */
export const isShowable = (milliseconds: number) => milliseconds >= EARLIEST && milliseconds <= LATEST
