// Tells on stderr that a command which takes long is still at work: at a terminal in one line that is rewritten, in CI now and
// then in a line of its own, and elsewhere not at all. What a program reads of the command is on stdout.
import type { Writable } from 'node:stream'

export interface ProgressPlace {
  readonly out: Writable
  readonly isTerminal: boolean
  readonly isCi: boolean
}

/** Between two signs of life. A command that takes less than one shows none. In milliseconds. */
const EVERY = { terminal: 1000, ci: 10_000 }

const CLEAR_LINE = '\r\u001b[K'

/** The result of `work`, which is called `what` meanwhile. */
export async function withProgress<Result>(
  what: string,
  work: Promise<Result>,
  { out, isTerminal, isCi }: ProgressPlace,
): Promise<Result> {
  if (!isTerminal && !isCi) return await work
  const every = isTerminal ? EVERY.terminal : EVERY.ci
  let passed = 0
  const timer = setInterval(() => {
    passed += every
    const line = `${what}: ${passed / 1000} s so far`
    out.write(isTerminal ? `${CLEAR_LINE}${line}` : `${line}\n`)
  }, every)
  try {
    return await work
  } finally {
    clearInterval(timer)
    if (isTerminal && passed > 0) out.write(CLEAR_LINE)
  }
}
