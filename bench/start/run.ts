// `npm run bench -- start`: how long it takes from a start to the first answer: through the library from the call, and of `npm start`
// from the start of npm, as what it takes longer than an npm script in which nothing happens. All take turns in each round, so that
// whatever else the machine does falls on all alike.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { projectRoot } from '../../src/node/config/config.ts'
import { guardChild } from '../../src/node/runtime/orphan-guard.ts'
import { askOnce, freePort } from '../processes.ts'
import { median } from '../rounds.ts'
import { tenant, UNSET } from '../tenants.ts'

const POLL_MS = 5
const WITHIN_MS = 30_000

export interface StartRow {
  readonly name: string
  /** Milliseconds: the median of the rounds, and how far they lie apart. */
  readonly taken: number
  readonly spread: readonly [least: number, most: number]
}

interface Places {
  /** A package whose one script does nothing. */
  readonly empty: string
  /** Data of a start before. */
  readonly kept: string
  create(): Promise<string>
}

/** Measures in `rounds` rounds. One before them, which is not counted, fills the caches that starts keep. */
export async function measureStarts(rounds: number): Promise<StartRow[]> {
  const root = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'identity-edge-bench-'))
  const create = () => mkdtemp(join(root, 'place-'))
  try {
    const places = { create, empty: await create(), kept: await create() }
    await writeFile(join(places.empty, 'package.json'), JSON.stringify({ private: true, scripts: { start: 'true' } }))
    const taken = new Map(MEASURES.map(({ name }) => [name, [] as number[]]))
    for (let round = 0; round <= rounds; round++) {
      console.error(round === 0 ? 'each once' : `round ${round} of ${rounds}`)
      const found = await takeRound(places, round % 2 === 0 ? MEASURES : MEASURES.toReversed())
      if (round > 0) for (const [name, milliseconds] of found) taken.get(name)?.push(milliseconds)
    }
    return Array.from(taken, ([name, each]) => ({
      name,
      taken: median(each),
      spread: [Math.min(...each), Math.max(...each)],
    }))
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 5 })
  }
}

const MEASURES: readonly { name: string; isBeyondNpm?: true; take(places: Places): Promise<number> }[] = [
  { name: 'an npm script that does nothing', take: ({ empty }) => timeScript(empty) },
  { name: 'library, from the call', take: timeLibrary },
  { name: '`npm start` beyond it, first', isBeyondNpm: true, take: async ({ create }) => timeServer(await create()) },
  { name: '`npm start` beyond it, with its data', isBeyondNpm: true, take: ({ kept }) => timeServer(kept) },
]

async function takeRound(places: Places, measures: typeof MEASURES): Promise<[string, number][]> {
  const found: [string, number][] = []
  for (const { name, take } of measures) found.push([name, await take(places)])
  const [, npm = Number.NaN] = found.find(([name]) => name === MEASURES[0]?.name) ?? []
  return found.map(([name, milliseconds]) => {
    const isBeyond = measures.some((measure) => measure.name === name && measure.isBeyondNpm)
    return [name, isBeyond ? milliseconds - npm : milliseconds]
  })
}

async function timeScript(folder: string): Promise<number> {
  const began = performance.now()
  const child = spawn('npm', ['start'], { cwd: folder, stdio: 'ignore' })
  await once(child, 'exit')
  return performance.now() - began
}

async function timeLibrary(): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'library.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`a start by the library ended with ${code}`)
  return Number(printed)
}

async function timeServer(place: string): Promise<number> {
  const port = await freePort()
  const env = { ...process.env, ...UNSET, PORT: String(port), STATE_DIR: join(place, 'state') }
  const began = performance.now()
  const child = spawn('npm', ['start'], { cwd: projectRoot, env, stdio: ['ignore', 'ignore', 'inherit'] })
  guardChild(child, 'TERM')
  try {
    await firstAnswer(`http://127.0.0.1:${port}`, child, began + WITHIN_MS)
    return performance.now() - began
  } finally {
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    await exit
    await untilFree(port)
  }
}

async function firstAnswer(origin: string, child: ChildProcess, deadline: number): Promise<void> {
  for (;;) {
    try {
      await askOnce(tenant, origin, 'GET Setting')
      return
    } catch (error) {
      if (child.exitCode !== null || performance.now() > deadline) throw error
      await sleep(POLL_MS)
    }
  }
}

/** npm is gone before the server that it has told to stop. */
async function untilFree(port: number): Promise<void> {
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/health`).then(
      () => true,
      () => false,
    )
  while (await answers()) await sleep(POLL_MS)
}
