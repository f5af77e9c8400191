// Growth as a picture: requests per second over partitions, settings and connections, one panel each. The picture brings
// its own background, so that it can be read on a light and on a dark page.
import { GROWN, SIZES } from './growth.ts'
import { TITLES } from './operations.ts'
import { exact } from './prose.ts'
import type { Axis, GrowthRow } from './results.ts'

const WIDTH = 960
const HEIGHT = 400
const PLOT = { top: 76, bottom: 330, width: 250 }
const LEFT = 74
const GAP = 40

const PANELS: { axis: Axis; label: string }[] = [
  { axis: 'partitions', label: 'partitions' },
  { axis: 'settings', label: 'settings in the partition asked' },
  { axis: 'connections', label: 'connections' },
]

// Told apart without colour too: by the marks. The colours are those of Okabe and Ito, and lighter ones for the dark.
const SERIES = [
  { light: '#0072b2', dark: '#56b4e9', mark: 'M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0' },
  { light: '#d55e00', dark: '#ff9a4d', mark: 'M-4,-4h8v8h-8z' },
  { light: '#00795a', dark: '#2fd0a2', mark: 'M0,-5l5,9h-10z' },
  { light: '#a8457e', dark: '#e79ac4', mark: 'M0,-5l5,5l-5,5l-5,-5z' },
]

const STYLE = `
text{font:13px system-ui,sans-serif;fill:#24292f}
.small{font-size:12px}
.page{fill:#fff;stroke:#d0d7de}
.grid{stroke:#d8dee4}
.axis{stroke:#57606a}
.line{fill:none;stroke-width:2}
${SERIES.map(({ light }, index) => `.s${index}{stroke:${light}}.m${index}{fill:${light}}`).join('\n')}
@media (prefers-color-scheme:dark){
text{fill:#e6edf3}
.page{fill:#0d1117;stroke:#30363d}
.grid{stroke:#2a3038}
.axis{stroke:#8b949e}
${SERIES.map(({ dark }, index) => `.s${index}{stroke:${dark}}.m${index}{fill:${dark}}`).join('\n')}
}`

/** An SVG document of what `rows` say. */
export function drawGrowth(rows: readonly GrowthRow[]): string {
  const top = niceTop(Math.max(1, ...rows.map(({ perSecond }) => perSecond)))
  const parts = [
    `<title>Requests per second of the tenant, its cache off, as it grows</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="page" x="0.5" y="0.5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="6"/>`,
    ...legend(),
    ...PANELS.flatMap(({ axis, label }, index) => panel(axis, label, LEFT + index * (PLOT.width + GAP), top, rows)),
    ...heights(top).map(({ value, y }) => text(LEFT - 8, y + 4, exact(value), 'end', 'small')),
    `<text class="small" text-anchor="middle" transform="translate(18 ${(PLOT.top + PLOT.bottom) / 2}) rotate(-90)">requests per second</text>`,
  ]
  const size = `width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">\n${parts.join('\n')}\n</svg>\n`
}

function legend(): string[] {
  return GROWN.flatMap((operation, index) => {
    const x = LEFT + index * 212
    return [
      `<path class="line s${index}" d="M${x},36h28"/>`,
      mark(index, x + 14, 36),
      text(x + 36, 40, TITLES[operation], 'start', ''),
    ]
  })
}

function panel(axis: Axis, label: string, left: number, top: number, rows: readonly GrowthRow[]): string[] {
  const sizes: readonly number[] = SIZES[axis]
  // Even steps: the sizes grow by factors.
  const x = (size: number) => left + (PLOT.width * (sizes.indexOf(size) + 0.5)) / sizes.length
  const grid = heights(top).map(
    ({ value, y }) => `<path class="${value === 0 ? 'axis' : 'grid'}" d="M${left},${y}h${PLOT.width}"/>`,
  )
  const lines = GROWN.flatMap((operation, index) => {
    const points = rows
      .filter((row) => row.axis === axis && row.operation === operation)
      .toSorted((a, b) => a.size - b.size)
      .map(({ size, perSecond }) => ({ x: round(x(size)), y: round(height(perSecond, top)) }))
    const line = points.map((point) => `${point.x},${point.y}`).join(' ')
    return [
      `<polyline class="line s${index}" points="${line}"/>`,
      ...points.map((point) => mark(index, point.x, point.y)),
    ]
  })
  return [
    ...grid,
    ...sizes.map((size) => text(x(size), PLOT.bottom + 20, exact(size), 'middle', 'small')),
    text(left + PLOT.width / 2, PLOT.bottom + 44, label, 'middle', 'small'),
    ...lines,
  ]
}

const height = (value: number, top: number) => PLOT.bottom - ((PLOT.bottom - PLOT.top) * value) / top

/** Five lines from nothing to the top. */
const heights = (top: number) =>
  [0, 1, 2, 3, 4].map((step) => ({ value: (top * step) / 4, y: height((top * step) / 4, top) }))

/** The least number above `value` that is divided into four as people count. */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  const factor = [1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8].find((candidate) => candidate * power >= value) ?? 10
  return factor * power
}

const mark = (index: number, x: number, y: number) =>
  `<path class="m${index}" transform="translate(${x} ${y})" d="${SERIES[index]?.mark}"/>`

const text = (x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end', kind: string) =>
  `<text class="${kind}" x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${content}</text>`

const round = (value: number) => Math.round(value * 10) / 10
