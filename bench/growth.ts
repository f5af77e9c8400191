// How the tenant's reads and writes change as what it holds grows, and as more ask at once. Its cache is off: what counts
// here is what D1 takes.
import { rm } from 'node:fs/promises'
import type { LoadTool } from './load.ts'
import type { Operation } from './operations.ts'
import { type Options, wants } from './options.ts'
import type { Processes, Running } from './processes.ts'
import { type Axis, describeConditions, type Growth, type GrowthRow } from './results.ts'
import { type Measure, measureInRounds } from './rounds.ts'
import { uncachedTenant } from './tenants.ts'

export const GROWN: readonly Operation[] = ['GET Setting', 'PUT Setting', 'GET Group', 'PUT Group']

export const SIZES = {
  partitions: [1, 1000, 100_000],
  settings: [1000, 100_000, 1_000_000],
  connections: [1, 4, 16, 64],
} as const satisfies Record<Axis, number[]>

const CONNECTIONS = 32
const FILL_WITHIN_MS = 300_000

export async function measureGrowth(processes: Processes, tool: LoadTool, options: Options): Promise<Growth> {
  const rows: GrowthRow[] = []
  for (const axis of ['partitions', 'settings', 'connections'] as const) {
    if (wants(options, axis)) {
      rows.push(...(await measureAxis(processes, tool, options, axis)))
    }
  }
  return { ...(await describeConditions(tool, options)), rows }
}

/** All sizes run side by side and are asked in turns: a size measured later would be compared with another hour. */
async function measureAxis(processes: Processes, tool: LoadTool, options: Options, axis: Axis): Promise<GrowthRow[]> {
  const started = new Map<string, { running: Running; directory: string }>()
  const points: { size: number; measure: Measure }[] = []
  for (const size of SIZES[axis]) {
    const fill = axis === 'connections' ? {} : { [axis]: size }
    const name = JSON.stringify(fill)
    const server = started.get(name) ?? (await startFilled(processes, name, fill))
    started.set(name, server)
    const connections = axis === 'connections' ? size : CONNECTIONS
    points.push(...GROWN.map((operation) => ({ size, measure: { running: server.running, operation, connections } })))
  }
  // By operation, so that the sizes of one follow each other closely.
  const inTurn = GROWN.flatMap((operation) => points.filter(({ measure }) => measure.operation === operation))
  console.error(`growth over ${axis}`)
  const figures = await measureInRounds(
    tool,
    inTurn.map(({ measure }) => measure),
    options,
  )
  for (const { running, directory } of started.values()) {
    await running.stop()
    await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  }
  return inTurn.flatMap(({ size, measure: { operation } }, index) => {
    const figure = figures[index]
    return figure ? [{ axis, size, operation, ...figure }] : []
  })
}

async function startFilled(processes: Processes, name: string, fill: object) {
  console.error(`filling a tenant with ${name}`)
  const directory = await processes.newDirectory()
  const running = await processes.start(uncachedTenant(name, fill), { directory, withinMs: FILL_WITHIN_MS })
  return { running, directory }
}
