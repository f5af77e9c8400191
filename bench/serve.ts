// How the benchmark's own servers live: until the process is told to stop.
import { localState } from '../src/node/config/config.ts'
import { readRunConfig } from '../src/node/config/run-config.ts'

/** Runs what `start` starts for PORT and STATE_DIR, and ends the process after it. */
export async function serve(start: (port: number, stateDir: string) => Promise<() => Promise<void>>): Promise<void> {
  // Before the start, so that Miniflare leaves the answer to the signal to this process.
  const told = new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.once(name, resolve)
    }
  })
  const { port, stateDir } = readRunConfig(process.env, localState)
  const stop = await start(port, stateDir)
  await told
  await stop()
  process.exit(0)
}
