// Times as people read them.
const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const

/** `2 h 5 min` until `instant`, or `over`. */
export function timeLeft(instant: string | null, now = Date.now()): string {
  if (instant === null) return 'no end'
  let seconds = Math.floor((Date.parse(instant) - now) / 1000)
  if (seconds <= 0) return 'over'
  const parts: string[] = []
  for (const [unit, size] of UNITS) {
    const count = Math.floor(seconds / size)
    seconds -= count * size
    if (count > 0) parts.push(`${count} ${unit}`)
  }
  return parts.slice(0, 2).join(' ')
}

export const localTime = (instant: string | null): string =>
  instant === null ? '–' : new Date(instant.endsWith('Z') ? instant : `${instant}Z`).toLocaleString()
