// The request log of a command: the Worker's JSON line for each request, as a line for people.
import type { Writable } from 'node:stream'
import { styleText } from 'node:util'

interface Options {
  readonly colour: boolean
  /** The trace whose requests are left out: the ones by which a command has tried its own server. */
  readonly unless: string
  readonly out: Writable
}

/**
 * Writes what the Worker logs to `out`: requests as `12:04:05 PUT /identity_/api/Setting 200 3 ms Setting_UpdateSettings`,
 * anything else as it is.
 */
export function requestLog({ colour, unless, out }: Options): (line: string) => void {
  return (line) => {
    const request = parse(line)
    if (request?.trace === unless) return
    out.write(`${request ? format(request, colour) : line}\n`)
  }
}

interface LoggedRequest {
  method: string
  path: string
  status: number
  operation?: string
  client?: string
  duration: { total?: number }
  trace?: string
}

function parse(line: string): LoggedRequest | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const value = JSON.parse(line)
    return typeof value.path === 'string' && typeof value.status === 'number' ? value : undefined
  } catch {
    return undefined
  }
}

function format({ method, path, status, operation, client, duration }: LoggedRequest, colour: boolean): string {
  const time = new Date().toTimeString().slice(0, 8)
  // A path may hold what a terminal takes for a command.
  const shown = path.replace(/\p{Cc}/gu, '?')
  const code = colour ? styleText(colourOf(status), String(status), { validateStream: false }) : status
  const known = [operation, client].filter((part) => part !== undefined).join(' ')
  return `${time} ${method.padEnd(6)} ${shown} ${code} ${Math.round(duration.total ?? 0)} ms ${known}`.trimEnd()
}

function colourOf(status: number): 'green' | 'yellow' | 'red' {
  if (status < 400) return 'green'
  return status < 500 ? 'yellow' : 'red'
}
