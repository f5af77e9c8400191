// autocannon, for machines without wrk. It comes with the peers, and counts latency in whole milliseconds.
import { join } from 'node:path'
import type { Load, LoadTool, Sample } from './load.ts'
import { installPeers, peerPath, peerVersions } from './peers/install.ts'
import type { Processes } from './processes.ts'

interface Report {
  '2xx': number
  non2xx: number
  errors: number
  timeouts: number
  duration: number
  latency: { p50: number; p99: number }
}

/** @throws if it is neither there nor to be had */
export async function openAutocannon(processes: Processes): Promise<LoadTool> {
  await installPeers(processes)
  const { autocannon: version } = await peerVersions()
  return { name: `autocannon ${version}`, run: (load) => run(processes, load) }
}

async function run(processes: Processes, { call, connections, seconds }: Load): Promise<Sample> {
  const headers = Object.entries(call.headers).flatMap(([name, value]) => ['-H', `${name}=${value}`])
  const body = call.body === undefined ? [] : ['-b', call.body]
  const args = ['-j', '-n', '-m', call.method, '-c', String(connections), '-d', String(seconds), ...headers, ...body]
  const file = join(peerPath('autocannon'), 'autocannon.js')
  const output = await processes.run(process.execPath, [file, ...args, call.url], (seconds + 20) * 1000)
  const report: Report = JSON.parse(output)
  return {
    answered: report['2xx'],
    failed: report.non2xx + report.errors + report.timeouts,
    perSecond: report['2xx'] / report.duration,
    p50: report.latency.p50,
    p99: report.latency.p99,
  }
}
