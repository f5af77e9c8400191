// `npm run bench -- test`: what one isolated test costs, here and beside others: one after another, and 200 at once. All take
// turns in each round, so that whatever else the machine does falls on all alike.
import { type ChildProcess, execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, openSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { spawnGuarded } from '../../src/node/runtime/orphan-guard.ts'
import { freePort } from '../processes.ts'
import { median } from '../rounds.ts'
import { openLibrary } from './library.ts'
import { floor, PEERS, type Subject, tenant } from './subjects.ts'
import { bareWrite, tenantWrite } from './writes.ts'

const WARM_UP = 60
const TESTS = 60
const AT_ONCE = 200
const START_WITHIN_MS = 60_000
const PEER_FOLDER = join(import.meta.dirname, 'peers')

interface Measured {
  readonly name: string
  readonly test: () => Promise<void>
  readonly alone: boolean
  readonly repeat: number
  readonly stop: () => Promise<void>
  /** Milliseconds of a test, the median of each round. */
  readonly each: number[]
  /** Milliseconds of all of {@link AT_ONCE}, by round. */
  readonly together: number[]
}

export interface IsolatedRow {
  readonly name: string
  /** Milliseconds: the median of the rounds' medians, and how far the rounds lie apart. */
  readonly test: number
  readonly spread: readonly [least: number, most: number]
  /** Milliseconds of 200 at once; null where tests would see one another. */
  readonly together: number | null
}

/** Milliseconds of a write at one connection. */
export interface Writes {
  readonly tenant: number
  readonly bare: number
  /** How fast the tenant's is, as a part of the bare one's: the median of the rounds, the least and the most. */
  readonly ratio: number
  readonly spread: readonly [least: number, most: number]
}

/** Measures in `rounds` rounds. */
export async function measureIsolatedTests(rounds: number): Promise<{ rows: IsolatedRow[]; writes: Writes }> {
  const place = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'identity-edge-bench-'))
  const measured: Measured[] = []
  try {
    await installPeers()
    for (const subject of [tenant, floor, ...PEERS]) measured.push(...(await open(subject, place)))
    const library = await openLibrary()
    measured.push({ ...library, name: 'identity-edge, library', alone: false, repeat: 1, each: [], together: [] })
    const rows = measured.length
    for (const subject of [tenantWrite, bareWrite]) measured.push(...(await open(subject, place)))
    for (const { test, repeat } of measured) for (let warm = 0; warm < WARM_UP * repeat; warm++) await test()
    for (let round = 0; round < rounds; round++) {
      console.error(`round ${round + 1} of ${rounds}`)
      for (const one of round % 2 === 0 ? measured : measured.toReversed()) await measure(one)
    }
    return { rows: measured.slice(0, rows).map(rowOf), writes: writesOf(measured.slice(rows)) }
  } finally {
    await Promise.all(measured.map(({ stop }) => stop()))
    await rm(place, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function measure({ test, alone, repeat, each, together }: Measured): Promise<void> {
  const took: number[] = []
  for (let done = 0; done < TESTS * repeat; done++) took.push(await timed(test))
  each.push(median(took))
  if (!alone) together.push(await timed(() => Promise.all(Array.from({ length: AT_ONCE }, test))))
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await act()
  return performance.now() - began
}

const rowOf = ({ name, each, together }: Measured): IsolatedRow => ({
  name,
  test: median(each),
  spread: [Math.min(...each), Math.max(...each)],
  together: together.length > 0 ? median(together) : null,
})

function writesOf([own, bare]: readonly Measured[]): Writes {
  const [tenant = [], least = []] = [own?.each, bare?.each]
  const ratios = tenant.map((took, round) => (least[round] ?? Number.NaN) / took)
  return {
    tenant: median(tenant),
    bare: median(least),
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
  }
}

async function installPeers(): Promise<void> {
  if (existsSync(join(PEER_FOLDER, 'node_modules'))) return
  console.error('installing what to compare with, into bench/isolated/peers/node_modules')
  const args = ['ci', '--prefix', PEER_FOLDER, '--ignore-scripts', '--no-audit', '--no-fund']
  await promisify(execFile)('npm', args, { maxBuffer: 2 ** 26 })
}

/** Starts a server; nothing, with the reason on standard error, where it is a peer that does not start. */
async function open(subject: Subject, place: string): Promise<Measured[]> {
  const directory = await mkdtemp(join(place, 'place-'))
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const { file = process.execPath, args, env } = await subject.command(port, directory)
  const log = openSync(join(directory, 'log'), 'a')
  const quiet = { CI: 'true', DO_NOT_TRACK: '1', FIREBASE_EMULATORS_PATH: directory }
  const child = spawnGuarded('TERM', file, args, {
    cwd: directory,
    env: { ...process.env, ...quiet, HOME: directory, ...env },
    stdio: ['ignore', log, log],
  })
  child.once('error', () => {})
  try {
    await untilUp(subject, origin, child)
    const test = await subject.test(origin)
    const { name, alone = false, repeat = 1 } = subject
    return [{ name, test, alone, repeat, stop: () => end(child), each: [], together: [] }]
  } catch (error) {
    await end(child)
    if (!PEERS.includes(subject)) throw error
    console.error(`${subject.name} is left out: ${error instanceof Error ? error.message : error}`)
    return []
  }
}

async function untilUp(subject: Subject, origin: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_WITHIN_MS
  for (;;) {
    try {
      await subject.isUp(origin)
      return
    } catch (error) {
      if (child.exitCode !== null || child.pid === undefined) throw new Error('it ended')
      if (performance.now() > deadline) throw error
      await sleep(50)
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
  await exit
  clearTimeout(timer)
}
