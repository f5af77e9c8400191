// What the runs found, as kept in results.json: the figures in docs/speed.md and the README are made from it and from nothing else.
import { readFile, writeFile } from 'node:fs/promises'
import { arch, availableParallelism, cpus, platform } from 'node:os'
import { join } from 'node:path'
import { projectRoot } from '../src/node/config/config.ts'
import type { IsolatedRow, Writes } from './isolated/run.ts'
import type { LoadTool } from './load.ts'
import type { Operation } from './operations.ts'
import type { Figure, Rounds } from './rounds.ts'
import type { StartRow } from './start/run.ts'

/** What has to be known of a run to judge its figures. */
export interface Conditions extends Rounds {
  date: string
  cores: number
  cpu: string
  system: string
  versions: Record<string, string>
}

export interface Row extends Figure {
  name: string
  kind: 'tenant' | 'floor' | 'peer'
  operation: Operation
  connections: number
}

export interface Speed extends Conditions {
  rows: Row[]
  /** Medians, from the start of the process to the first right answer. */
  starts: { name: string; milliseconds: number }[]
  bundle: { bytes: number; gzipped: number } | undefined
  /** Peers that were not there, and why. */
  leftOut: string[]
}

export type Axis = 'partitions' | 'settings' | 'connections'

export interface GrowthRow extends Figure {
  axis: Axis
  size: number
  operation: Operation
}

export interface Growth extends Conditions {
  rows: GrowthRow[]
}

export interface Isolated extends Conditions {
  rows: IsolatedRow[]
  /** None of runs before it was measured. */
  writes?: Writes
}

export interface Started extends Conditions {
  rows: StartRow[]
}

export interface Results {
  speed?: Speed
  started?: Started
  isolated?: Isolated
  growth?: Growth
}

const FILE = join(import.meta.dirname, 'results.json')

/** Nothing if there has been no run. */
export async function readResults(): Promise<Results> {
  try {
    return JSON.parse(await readFile(FILE, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return {}
    }
    throw error
  }
}

export async function writeResults(results: Results): Promise<void> {
  const rounded = JSON.stringify(results, (_, value) => (typeof value === 'number' ? round(value) : value), 2)
  await writeFile(FILE, `${rounded}\n`)
}

const round = (value: number) => (Number.isInteger(value) ? value : Number(value.toPrecision(4)))

export async function describeConditions(
  tool: Pick<LoadTool, 'name'>,
  { seconds, rounds }: Rounds,
): Promise<Conditions> {
  return {
    date: new Date().toISOString().slice(0, 10),
    seconds,
    rounds,
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    system: `${platform()} ${arch()}`,
    versions: {
      node: process.versions.node,
      workerd: await packageVersion('workerd'),
      miniflare: await packageVersion('miniflare'),
      hono: await packageVersion('hono'),
      load: tool.name,
    },
  }
}

async function packageVersion(name: string): Promise<string> {
  const manifest = await readFile(join(projectRoot, 'node_modules', name, 'package.json'), 'utf8')
  const { version }: { version: string } = JSON.parse(manifest)
  return version
}
