// Serves a tenant as a command does: says where it is, stops when it is told to, and ends the process with a status.
import { setTimeout as sleep } from 'node:timers/promises'
import { watchParent } from '../runtime/parent-watch.ts'
import { openTenant, type TenantOptions, type TenantSource } from '../runtime/tenant.ts'
import { StartFailure } from '../start-failure.ts'
import { describeReadyTenant } from './announce.ts'

const STOP_DEADLINE_MS = 4000

export interface ServeOptions extends Omit<TenantOptions, 'signal' | 'unref' | 'onRestart' | 'onDeath'> {
  /** Called when the tenant serves; what it returns is said after everything else. */
  onReady?: (url: string) => Promise<string>
}

/** Serves until SIGINT, SIGTERM or SIGHUP, then exits with 0; with 1 and the reason when that cannot be done. */
export async function serveTenant(source: TenantSource, options: ServeOptions): Promise<never> {
  const signal = signalToStop()
  try {
    await serve(source, options, signal)
  } catch (error) {
    // Ctrl-C reaches workerd and esbuild too, and their end may be noticed here before the signal is.
    await sleep(50)
    if (!signal.aborted) fail(error)
  }
  process.exit(0)
}

function signalToStop(): AbortSignal {
  const stopping = new AbortController()
  // Ctrl-C reaches npm and this process both, and npm may pass its own on: whatever comes second finds the stop under way.
  const stop = () => {
    if (stopping.signal.aborted) return
    stopping.abort()
    setTimeout(() => process.exit(0), STOP_DEADLINE_MS)
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, stop)
  watchParent(stop)
  return stopping.signal
}

async function serve(source: TenantSource, { onReady, ...options }: ServeOptions, signal: AbortSignal): Promise<void> {
  const tenant = await openTenant(source, {
    ...options,
    signal,
    onRestart: () => console.error('the Workers runtime died and was started again'),
    onDeath: () => fail(new StartFailure('the Workers runtime died and could not be started again')),
  })
  try {
    const lines = [await describeReadyTenant(tenant.url, signal), await onReady?.(tenant.url)]
    console.log(lines.filter((line) => line !== undefined).join('\n'))
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
