// wrk, asked to print its counters as JSON: its own report rounds them and mixes units.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Load, Sample } from './load.ts'
import type { Processes } from './processes.ts'

// A fixed request is sent as it is; a `request` function would be run for each one.
const DONE = `
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format('\\n{"answered":%d,"microseconds":%d,"p50":%d,"p99":%d,"failed":%d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
`

interface Counters {
  answered: number
  microseconds: number
  p50: number
  p99: number
  failed: number
}

/** How to run wrk, once for each load. */
export async function openWrk(processes: Processes): Promise<(load: Load) => Promise<Sample>> {
  const script = join(await processes.newDirectory(), 'load.lua')
  return async ({ call, connections, seconds }) => {
    const headers = Object.entries(call.headers).map(([name, value]) => `wrk.headers[${lua(name)}] = ${lua(value)}`)
    const body = call.body === undefined ? [] : [`wrk.body = ${lua(call.body)}`]
    await writeFile(script, [`wrk.method = ${lua(call.method)}`, ...headers, ...body, DONE].join('\n'))
    const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', script, call.url]
    const output = await processes.run('wrk', args, (seconds + 20) * 1000)
    const [json] = /^\{"answered".*\}$/m.exec(output) ?? []
    if (json === undefined) {
      throw new Error(`wrk did not report: ${output}`)
    }
    const { microseconds, ...counted }: Counters = JSON.parse(json)
    return {
      answered: counted.answered,
      failed: counted.failed,
      perSecond: counted.answered / (microseconds / 1e6),
      p50: counted.p50 / 1000,
      p99: counted.p99 / 1000,
    }
  }
}

/** A Lua string of these bytes, whatever they are. */
function lua(text: string): string {
  const escaped = Array.from(Buffer.from(text), (byte) => `\\${String(byte).padStart(3, '0')}`)
  return `"${escaped.join('')}"`
}
