// `npm start`: one tenant on PORT with its data in STATE_DIR, until it is told to stop.
import { enableCompileCache } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { describeReadyTenant } from './announce.ts'
import { readRunConfig, StartFailure } from './config.ts'
import { watchParent } from './parent-watch.ts'
import { startTenant } from './tenant.ts'

const STOP_DEADLINE_MS = 4000

const stopping = new AbortController()

// Ctrl-C reaches npm and this process both, and npm may pass its own on: whatever comes second finds the stop under way.
function stop(): void {
  if (!stopping.signal.aborted) {
    stopping.abort()
    setTimeout(() => process.exit(0), STOP_DEADLINE_MS)
  }
}

async function serve(signal: AbortSignal): Promise<void> {
  const tenant = await startTenant({
    ...readRunConfig(process.env),
    signal,
    onRestart: () => console.error('the Workers runtime died and was started again'),
    onDeath: () => fail(new StartFailure('the Workers runtime died and could not be started again')),
  })
  try {
    console.log(await describeReadyTenant(tenant.url, signal))
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
  } finally {
    await tenant.stop()
  }
}

function fail(error: unknown): never {
  if (error instanceof StartFailure) {
    console.error(error.message)
  } else {
    console.error('the tenant could not be started; the reason follows')
    console.error(error)
  }
  process.exit(1)
}

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(name, stop)
}
watchParent(stop)
// Miniflare is one file of five megabytes: from the second start on, compiling it is saved.
enableCompileCache()

try {
  await serve(stopping.signal)
} catch (error) {
  // Ctrl-C reaches workerd and esbuild too, and their end may be noticed here before the signal is.
  await sleep(50)
  if (!stopping.signal.aborted) {
    fail(error)
  }
}
process.exit(0)
