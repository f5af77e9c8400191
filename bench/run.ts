// `npm run bench`: measures, prints, and keeps what it found in results.json and the documents.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectRoot } from '../src/node/config/config.ts'
import { watchParent } from '../src/node/runtime/parent-watch.ts'
import { measureGrowth } from './growth.ts'
import { drawGrowth } from './growth-chart.ts'
import { measureIsolatedTests } from './isolated/run.ts'
import { findLoadTool } from './load.ts'
import { type Options, readOptions, USAGE } from './options.ts'
import { Processes } from './processes.ts'
import { report, rewriteDocuments } from './report.ts'
import { describeConditions, type Growth, type Results, readResults, writeResults } from './results.ts'
import { measureSpeed } from './speed.ts'
import { measureStarts } from './start/run.ts'

async function measure(processes: Processes, options: Options): Promise<Results> {
  if (options.subject === 'test') {
    const conditions = await describeConditions({ name: 'node:http' }, options)
    return { isolated: { ...conditions, ...(await measureIsolatedTests(options.rounds)) } }
  }
  if (options.subject === 'start') {
    const conditions = await describeConditions({ name: 'fetch' }, options)
    return { started: { ...conditions, rows: await measureStarts(options.rounds) } }
  }
  const tool = await findLoadTool(processes, options.load)
  return options.subject === 'speed'
    ? { speed: await measureSpeed(processes, tool, options) }
    : { growth: await measureGrowth(processes, tool, options) }
}

async function keep(found: Results): Promise<void> {
  await writeResults({ ...(await readResults()), ...found })
  if (found.growth) {
    await keepChart(found.growth)
  }
  // As they were rounded: rounded again, the figures of another run would come out differently than in its own documents.
  await rewriteDocuments(await readResults())
}

async function keepChart({ rows }: Growth): Promise<void> {
  const docs = join(projectRoot, 'docs')
  await mkdir(docs, { recursive: true })
  await writeFile(join(docs, 'growth.svg'), drawGrowth(rows))
}

/** Figures of requests that failed are no figures. Of peers they are shown as such; of the tenant they are a fault. */
function failures({ speed, growth }: Results): number {
  const own = speed?.rows.filter(({ kind }) => kind !== 'peer') ?? []
  return [...own, ...(growth?.rows ?? [])].filter(({ failed }) => failed > 0).length
}

async function run(options: Options, processes: Processes): Promise<number> {
  const found = await measure(processes, options)
  console.log(report(found))
  const failed = failures(found)
  if (failed > 0) {
    console.error(`${failed} loads had requests that failed; nothing is kept`)
    return 1
  }
  if (options.only.length === 0) {
    await keep(found)
  }
  return 0
}

function optionsOrUsage(): Options {
  try {
    return readOptions(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
    process.exit(1)
  }
}

const options = optionsOrUsage()
const processes = await Processes.open()
let told = false

async function stop(): Promise<void> {
  if (!told) {
    told = true
    await processes[Symbol.asyncDispose]()
    process.exit(130)
  }
}

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(name, stop)
}
watchParent(stop)

try {
  process.exitCode = await run(options, processes)
} catch (error) {
  // A run that is told to stop loses the servers it asks; that is no news.
  if (!told) {
    console.error(error)
    process.exitCode = 1
  }
} finally {
  await processes[Symbol.asyncDispose]()
}
