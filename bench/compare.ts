// `npm run bench:compare -- FOLDER`: this checkout beside another, in one run: how much faster or slower it answers and
// starts, as ratios of rounds that were taken in turns, so that whatever else the machine does falls on both alike.
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { projectRoot } from '../src/node/config/config.ts'
import type { Contender } from './contender.ts'
import { findLoadTool, type LoadTool } from './load.ts'
import type { Operation } from './operations.ts'
import { Processes } from './processes.ts'
import { measureInRounds, median } from './rounds.ts'
import { tenant } from './tenants.ts'

const OPERATIONS: readonly Operation[] = ['GET Setting', 'PUT Setting', 'GET Group', 'PUT Group', 'POST token']

const CONNECTIONS = 32

/** What `npm start` runs in `folder`, which may be of another version with other places for its files. */
async function contenderIn(name: string, folder: string): Promise<Contender> {
  const { scripts }: { scripts: { start: string } } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const entry = scripts.start.split(' ').at(-1) ?? ''
  const command: Contender['command'] = async (port, directory) => {
    const { env = {} } = await tenant.command(port, directory)
    return { args: [join(folder, entry)], env }
  }
  return { ...tenant, name, command }
}

async function compareLoads(processes: Processes, tool: LoadTool, both: readonly Contender[], rounds: number) {
  const running = await Promise.all(both.map((contender) => processes.start(contender)))
  const measures = OPERATIONS.flatMap((operation) =>
    running.map((server) => ({ running: server, operation, connections: CONNECTIONS })),
  )
  const figures = await measureInRounds(tool, measures, { seconds: 3, rounds })
  await Promise.all(running.map((server) => server.stop()))
  for (const [index, operation] of OPERATIONS.entries()) {
    const [own, other] = figures.slice(2 * index)
    if (own && other)
      print(
        operation,
        own.each.map((perSecond, round) => perSecond / (other.each[round] ?? Number.NaN)),
      )
  }
}

/** Starts with data that is there, as most starts are; the first of each makes it and is not counted. */
async function compareStarts(processes: Processes, both: readonly Contender[], rounds: number) {
  const places = await Promise.all(both.map(() => processes.newDirectory()))
  const taken = both.map((): number[] => [])
  for (let round = 0; round <= rounds; round++) {
    const order = Array.from(both.entries())
    for (const [index, contender] of round % 2 === 0 ? order.reverse() : order) {
      const running = await processes.start(contender, { directory: places[index] ?? '' })
      await running.stop()
      if (round > 0) taken[index]?.push(running.startedInMs)
    }
  }
  const [own = [], other = []] = taken
  print(
    'npm start, with its data',
    own.map((milliseconds, round) => (other[round] ?? Number.NaN) / milliseconds),
  )
}

/** More than 1: this checkout is faster. */
function print(what: string, ratios: readonly number[]) {
  const [low, high] = bootstrapInterval(ratios)
  const [middle, from, to] = [median(ratios), low, high].map((ratio) => ratio.toFixed(3))
  console.log(`${what}: ${middle} times as fast, 95 % of resamples from ${from} to ${to}`)
}

const RESAMPLES = 10_000

/** Between which medians 95 % of resamples of `values` lie, drawn with replacement from one sequence of numbers. */
function bootstrapInterval(values: readonly number[]): [number, number] {
  let state = 1
  const draw = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return values[Math.floor((state / 2 ** 32) * values.length)] ?? Number.NaN
  }
  const medians = Array.from({ length: RESAMPLES }, () => median(values.map(draw))).sort((one, other) => one - other)
  return [medians[RESAMPLES * 0.025] ?? Number.NaN, medians[RESAMPLES * 0.975] ?? Number.NaN]
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '9' } },
})
const [folder, ...more] = positionals
const rounds = Number(values.rounds)
if (folder === undefined || more.length > 0 || !Number.isInteger(rounds) || rounds < 3 || rounds > 40) {
  console.error(
    'npm run bench:compare -- FOLDER [--rounds N]: FOLDER is a checkout with its packages installed, N from 3 to 40',
  )
  process.exit(1)
}
await using processes = await Processes.open()
const both = [await contenderIn('this checkout', projectRoot), await contenderIn('the other', resolve(folder))]
const tool = await findLoadTool(processes, undefined)
await compareStarts(processes, both, rounds)
await compareLoads(processes, tool, both, rounds)
