// How fast the tenant is: beside the floor of its runtime and database, and beside other mock servers.
import { gzipSync } from 'node:zlib'
import { bundleWorker } from '../src/node/build/bundle.ts'
import { readWorkerConfig } from '../src/node/config/config.ts'
import type { Contender } from './contender.ts'
import type { LoadTool } from './load.ts'
import type { Operation } from './operations.ts'
import { type Options, type Part, wants } from './options.ts'
import { installPeers } from './peers/install.ts'
import { listPeers } from './peers/peers.ts'
import type { Processes, Running } from './processes.ts'
import { describeConditions, type Row, type Speed } from './results.ts'
import { type Measure, measureInRounds } from './rounds.ts'
import { measureStarts } from './starts.ts'
import { constant, deployedTenant, floor, sessionFloor, signer, tenant, uncachedTenant } from './tenants.ts'

const CONNECTIONS = 32

interface Question {
  part: Part
  operation: Operation
  connections: number
  asks(contender: Contender): boolean
}

const isOurs = ({ kind }: Contender) => kind !== 'peer'

const QUESTIONS: Question[] = [
  { part: 'settings', operation: 'GET Setting', connections: CONNECTIONS, asks: () => true },
  { part: 'settings', operation: 'PUT Setting', connections: CONNECTIONS, asks: () => true },
  { part: 'groups', operation: 'GET Group', connections: CONNECTIONS, asks: isOurs },
  { part: 'groups', operation: 'PUT Group', connections: CONNECTIONS, asks: isOurs },
  { part: 'token', operation: 'POST token', connections: CONNECTIONS, asks: isOurs },
  { part: 'single', operation: 'GET Setting', connections: 1, asks: isOurs },
]

export async function measureSpeed(processes: Processes, tool: LoadTool, options: Options): Promise<Speed> {
  const leftOut: string[] = []
  const peers = wants(options, 'settings') || wants(options, 'starts') ? await findPeers(processes, leftOut) : []
  const rows = await measureLoads(processes, tool, options, peers, leftOut)
  return {
    ...(await describeConditions(tool, options)),
    rows,
    starts: wants(options, 'starts') ? await measureStarts(processes, [tenant, ...peers], leftOut) : [],
    bundle: wants(options, 'bundle') ? await measureBundle() : undefined,
    leftOut: [...new Set(leftOut)],
  }
}

async function findPeers(processes: Processes, leftOut: string[]): Promise<Contender[]> {
  try {
    await installPeers(processes)
    return await listPeers()
  } catch (error) {
    console.error(error)
    leftOut.push('All other mock servers: they could not be installed.')
    return []
  }
}

async function measureLoads(
  processes: Processes,
  tool: LoadTool,
  options: Options,
  peers: Contender[],
  leftOut: string[],
): Promise<Row[]> {
  const questions = QUESTIONS.filter(({ part }) => wants(options, part))
  const contenders = [
    tenant,
    uncachedTenant(),
    deployedTenant,
    floor,
    sessionFloor,
    signer,
    constant,
    ...(wants(options, 'settings') ? peers : []),
  ]
  const running: Running[] = []
  for (const contender of questions.length === 0 ? [] : contenders) {
    running.push(...(await startOrLeaveOut(processes, contender, leftOut)))
  }
  const measures = questions.flatMap(({ operation, connections, asks }) =>
    running
      .filter(({ contender }) => asks(contender) && operation in contender.calls)
      .map((server): Measure => ({ running: server, operation, connections })),
  )
  const figures = measures.length === 0 ? [] : await measureInRounds(tool, measures, options)
  await Promise.all(running.map((server) => server.stop()))
  return measures.flatMap(({ running: { contender }, operation, connections }, index) => {
    const figure = figures[index]
    if (figure?.answered === 0) {
      leftOut.push(`${contender.name}: it stopped answering.`)
      return []
    }
    return figure ? [{ name: contender.name, kind: contender.kind, operation, connections, ...figure }] : []
  })
}

/** A peer that does not start is left out. Without the tenant or the floor there is nothing to measure. */
async function startOrLeaveOut(processes: Processes, contender: Contender, leftOut: string[]): Promise<Running[]> {
  try {
    return [await processes.start(contender)]
  } catch (error) {
    if (contender.kind !== 'peer') {
      throw error
    }
    console.error(error)
    leftOut.push(`${contender.name}: it did not start.`)
    return []
  }
}

/** The Worker as a local start bundles it: names are kept, spaces are not. */
async function measureBundle(): Promise<Speed['bundle']> {
  const script = await bundleWorker(readWorkerConfig().main)
  return { bytes: Buffer.byteLength(script), gzipped: gzipSync(script, { level: 9 }).byteLength }
}
