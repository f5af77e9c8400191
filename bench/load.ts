// Puts a server under load with whichever tool the machine has, and says how it fared in one form.
import { openAutocannon } from './autocannon.ts'
import type { Call } from './operations.ts'
import type { Processes } from './processes.ts'
import { openWrk } from './wrk.ts'

export interface Load {
  call: Call
  connections: number
  seconds: number
}

/** Latencies in milliseconds. `failed`: answers other than 2xx, and requests without one. */
export interface Sample {
  perSecond: number
  p50: number
  p99: number
  answered: number
  failed: number
}

export type ToolName = 'wrk' | 'autocannon'

export interface LoadTool {
  /** Name and version. */
  name: string
  run(load: Load): Promise<Sample>
}

/**
 * The tool asked for; else wrk where it is installed, autocannon where not.
 * @throws if there is none
 */
export async function findLoadTool(processes: Processes, asked: ToolName | undefined): Promise<LoadTool> {
  const wrk = asked === 'autocannon' ? undefined : await wrkVersion(processes)
  if (wrk !== undefined) {
    return { name: wrk, run: await openWrk(processes) }
  }
  if (asked === 'wrk') {
    throw new Error('wrk is not installed')
  }
  return openAutocannon(processes)
}

async function wrkVersion(processes: Processes): Promise<string | undefined> {
  try {
    await processes.run('wrk', ['-v'], 5000)
  } catch (error) {
    // It prints its version, and ends with 1.
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : ''
    const [, version] = /^wrk (\S+)/.exec(output) ?? []
    return version && `wrk ${version.replace(/^debian\//, '')}`
  }
  return undefined
}
