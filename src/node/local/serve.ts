// A server as a command runs it: prints its address, stops on a signal, and sets the exit status.
import { setTimeout as sleep } from 'node:timers/promises'
import { HOST, isExposed } from '../runtime/address.ts'
import { watchParent } from '../runtime/parent-watch.ts'
import { openServer, type Server, type ServerOptions, type ServerSource } from '../runtime/server.ts'
import { StartFailure } from '../start-failure.ts'
import { type Announcement, describeReadyServer } from './announce.ts'

const STOP_DEADLINE_MS = 4000

export interface ServeOptions extends Omit<ServerOptions, 'signal' | 'unref' | 'onRestart' | 'onDeath'> {
  /** What is printed when the server is ready. */
  announcement: Pick<Announcement, 'control' | 'printToken' | 'quiet'>
  /** Called when the server is ready; the text it resolves with is printed with the rest. */
  onReady?: (server: Server) => Promise<string | undefined>
}

/** Runs a server until SIGINT, SIGTERM or SIGHUP, then exits with 0. Prints the reason and exits with 1 when it fails. */
export async function runServer(source: ServerSource, options: ServeOptions): Promise<never> {
  const signal = signalToStop()
  try {
    await serve(source, options, signal)
  } catch (error) {
    // Ctrl-C also ends workerd and esbuild, whose failure may arrive here before the signal does. The wait tells a stop
    // that was asked for from a failure.
    await sleep(50)
    if (!signal.aborted) fail(error)
  }
  process.exit(0)
}

function signalToStop(): AbortSignal {
  const stopping = new AbortController()
  // One Ctrl-C may arrive twice: from the terminal, and forwarded by npm. The second is ignored.
  const stop = () => {
    if (stopping.signal.aborted) return
    stopping.abort()
    setTimeout(() => process.exit(0), STOP_DEADLINE_MS)
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, stop)
  watchParent(stop)
  return stopping.signal
}

async function serve(
  source: ServerSource,
  { onReady, announcement, ...options }: ServeOptions,
  signal: AbortSignal,
): Promise<void> {
  const server = await openServer(source, {
    ...options,
    signal,
    onRestart: () => console.error('the Workers runtime died and was started again'),
    onDeath: () => fail(new StartFailure('the Workers runtime died and could not be started again')),
  })
  try {
    const { stateDir, host = HOST } = options
    const all: Announcement = { ...announcement, stateDir, exposed: isExposed(host) }
    const { facts, call } = await describeReadyServer(server, all, signal)
    console.log([facts, await onReady?.(server), call].filter((lines) => lines !== undefined).join('\n'))
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
  } finally {
    await server.stop()
  }
}

function fail(error: unknown): never {
  if (error instanceof StartFailure) {
    console.error(error.message)
  } else {
    console.error('the server could not be started; the reason follows')
    console.error(error)
  }
  process.exit(1)
}
