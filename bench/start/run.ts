// `npm run bench -- start`: how long it takes from a start to the first answer: through the library from the call; of `npm start` and
// of `npx identity-edge` as what they take longer than a script or command that does nothing. The library and `npx` are of the package
// as it is installed. All take turns in each round, so that whatever else the machine does falls on all alike.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectRoot } from '../../src/node/config/config.ts'
import { median } from '../rounds.ts'
import { installPackage, timeNothing, timeServer, writeEmptyPackage } from './commands.ts'

export interface StartRow {
  readonly name: string
  /** Milliseconds: the median of the rounds, and how far they lie apart. */
  readonly taken: number
  readonly spread: readonly [least: number, most: number]
}

interface Places {
  /** A package whose script and command do nothing. */
  readonly empty: string
  /** Where identity-edge is installed. */
  readonly installed: string
  /** Data of a start before, by command. */
  readonly kept: Readonly<Record<'npm' | 'npx', string>>
  create(): Promise<string>
}

interface Measure {
  readonly name: string
  /** The measure whose milliseconds are subtracted. */
  readonly beyond?: string
  take(places: Places): Promise<number>
}

const SCRIPT = 'an npm script that does nothing'
const COMMAND = 'an npx command that does nothing'
const NPM = { file: 'npm', args: ['start'] }
const NPX = { file: 'npx', args: ['identity-edge'] }

const MEASURES: readonly Measure[] = [
  { name: SCRIPT, take: ({ empty }) => timeNothing('npm', ['start'], empty) },
  { name: COMMAND, take: ({ empty }) => timeNothing('npx', ['nothing'], empty) },
  { name: 'library, from the call', take: ({ installed }) => timeLibrary(installed) },
  {
    name: '`npm start`, first, beyond such a script',
    beyond: SCRIPT,
    take: async ({ create }) => timeServer(NPM, projectRoot, await create()),
  },
  {
    name: '`npm start`, with its data, beyond such a script',
    beyond: SCRIPT,
    take: ({ kept }) => timeServer(NPM, projectRoot, kept.npm),
  },
  {
    name: '`npx identity-edge`, first, beyond such a command',
    beyond: COMMAND,
    take: async ({ installed, create }) => timeServer(NPX, installed, await create()),
  },
  {
    name: '`npx identity-edge`, with its data, beyond such a command',
    beyond: COMMAND,
    take: ({ installed, kept }) => timeServer(NPX, installed, kept.npx),
  },
]

/** Measures in `rounds` rounds. One before them, which is not counted, fills the caches that starts keep. */
export async function measureStarts(rounds: number): Promise<StartRow[]> {
  const root = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'identity-edge-bench-'))
  const create = () => mkdtemp(join(root, 'place-'))
  try {
    const places = {
      create,
      empty: await writeEmptyPackage(await create()),
      installed: await installPackage(await create()),
      kept: { npm: await create(), npx: await create() },
    }
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

async function takeRound(places: Places, measures: readonly Measure[]): Promise<[string, number][]> {
  const found = new Map<string, number>()
  for (const { name, take } of measures) found.set(name, await take(places))
  return measures.map(({ name, beyond }) => {
    const without = beyond === undefined ? 0 : (found.get(beyond) ?? Number.NaN)
    return [name, (found.get(name) ?? Number.NaN) - without]
  })
}

async function timeLibrary(installed: string): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'library.ts'), installed], {
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
