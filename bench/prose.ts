// Tables, numbers and conditions as a person reads them, in Markdown.
import type { Conditions } from './results.ts'
import { type Figure, type Rounds, unrest } from './rounds.ts'

/** A table; all columns but the first are figures and stand to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length), 3))
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, column) => pad(row[column] ?? '', width, column)).join(' | ')} |`
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n')
}

const pad = (text: string, width: number, column: number) => (column === 0 ? text.padEnd(width) : text.padStart(width))

const three = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })
const two = new Intl.NumberFormat('en', { minimumSignificantDigits: 2, maximumSignificantDigits: 2 })
const whole = new Intl.NumberFormat('en')

/** To three digits: more are not the same the next time. autocannon's latencies may be less than it can tell. */
export const rough = (number: number) => (number === 0 ? '< 1' : three.format(number))

export const exact = (number: number) => whole.format(number)

export const ratio = (number: number, of: number | undefined) =>
  of === undefined ? '–' : `${two.format(number / of)} ×`

/** Where the figures came about, in a sentence. */
export function machine({ date, cores, cpu, system, versions }: Conditions): string {
  const { node, workerd, miniflare, hono, load } = versions
  return (
    `Measured ${date} on ${cores} cores (${cpu}, ${system}), which the load tool shared, with Node ${node}, ` +
    `workerd ${workerd}, miniflare ${miniflare}, Hono ${hono} and ${load}.`
  )
}

/** How the figures came about, in a sentence. */
export function method({ rounds, seconds, rows }: Rounds & { rows: readonly Figure[] }): string {
  const moved =
    rows.length === 0 ? '' : `; half of them moved by less than ±${two.format(100 * unrest(rows))} % meanwhile`
  return `Figures are medians of ${rounds} rounds of ${seconds} s, taken in turns over all that is compared${moved}.`
}

/** Breaks a paragraph into lines as long as those of the documents. Tables and pictures stay as they are. */
export function wrap(block: string): string {
  return /^[|!]/.test(block) ? block : block.replace(/(?=.{121})(.{1,120})\s/g, '$1\n')
}
