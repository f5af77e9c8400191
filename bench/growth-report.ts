// Growth as docs/speed.md shows it, and whether it stays within its target.
import { GROWN, SIZES } from './growth.ts'
import { TITLES } from './operations.ts'
import { exact, machine, method, rough, table } from './prose.ts'
import type { Growth, GrowthRow } from './results.ts'
import { median } from './rounds.ts'

/** From the fewest settings to the most, figures may get worse by this much. */
const TOLERANCE = 0.1

export function reportGrowth(growth: Growth): string[] {
  return [
    `What \`npm run bench -- growth\` finds, with the cache off, and with 32 connections where nothing else is said. ` +
      `${machine(growth)} ${method(growth)}`,
    '![Requests per second over partitions, settings and connections](growth.svg)',
    table(
      ['requests/s (p50 ms)', ...GROWN.map((operation) => TITLES[operation])],
      (['partitions', 'settings', 'connections'] as const).flatMap((axis) =>
        SIZES[axis].flatMap((size) => {
          const rows = growth.rows.filter((row) => row.axis === axis && row.size === size)
          return rows.length === 0 ? [] : [[`${exact(size)} ${size === 1 ? axis.slice(0, -1) : axis}`, ...cells(rows)]]
        }),
      ),
    ),
    ...judge(growth.rows),
  ]
}

const cells = (rows: readonly GrowthRow[]) =>
  GROWN.map((operation) => {
    const row = rows.find((candidate) => candidate.operation === operation)
    return row ? `${rough(row.perSecond)} (${rough(row.p50)})${row.failed > 0 ? `, ${row.failed} failed` : ''}` : '–'
  })

/** One sentence on the target, if there is something to judge. */
export function judge(rows: readonly GrowthRow[]): string[] {
  const [few, many] = [Math.min(...SIZES.settings), Math.max(...SIZES.settings)]
  const changes = GROWN.flatMap((operation) => {
    const at = (size: number) =>
      rows.find((row) => row.axis === 'settings' && row.size === size && row.operation === operation)?.each ?? []
    // Within a round both were asked a few seconds apart: what the machine did besides, it did to both.
    const [before, after] = [at(few), at(many)]
    const ratio = median(after.map((perSecond, round) => perSecond / (before[round] ?? Number.NaN)))
    return Number.isNaN(ratio) ? [] : [{ operation, change: ratio - 1 }]
  })
  if (changes.length === 0) {
    return []
  }
  const listed = changes.map(({ operation, change }) => `${operation} ${percent(change)}`).join(', ')
  const held = changes.every(({ change }) => change >= -TOLERANCE)
  return [
    `From ${exact(few)} to ${exact(many)} settings in the partition that is asked, compared round by round: ${listed}. ` +
      `The target, no more than 10 % slower, is ${held ? 'met' : 'missed'}.`,
  ]
}

const percent = (change: number) => `${change < 0 ? '−' : '+'}${Math.abs(change * 100).toFixed(0)} %`
