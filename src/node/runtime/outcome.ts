// What a program leaves that runs to its end.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

/** The exit code of a process, 1 where a signal has ended it, and what it wrote to pipes. */
export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

/**
 * Resolves when a process that was just started has ended.
 * @throws when it could not be started
 */
export async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const [[code], stdout, stderr] = await Promise.all([once(child, 'close'), said(child.stdout), said(child.stderr)])
  return { code: code ?? 1, stdout, stderr }
}

const said = (stream: Readable | null) => (stream ? text(stream) : '')
