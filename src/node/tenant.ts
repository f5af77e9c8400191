// Starts and stops one tenant: the Worker on its runtime with a database that is ready. Knows nothing of command lines;
// whoever calls decides about signals, messages and exit codes.
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Miniflare } from 'miniflare'
import { bundleWorker } from './bundle.ts'
import { readWorkerConfig, StartFailure, type WorkerConfig } from './config.ts'
import { prepareState } from './prepare.ts'
import { HOST, openRuntime, type RuntimeOptions } from './runtime.ts'

const WATCH_INTERVAL_MS = 1000

export interface TenantOptions extends Omit<RuntimeOptions, 'script'> {
  /** 0, the default, takes any free port. */
  port?: number
  /** Gives up a start under way; `startTenant` then rejects and leaves nothing running. */
  signal?: AbortSignal
  /** workerd died and could not be started again: the tenant will not answer any more. */
  onDeath?: (error: unknown) => void
}

export interface Tenant {
  /** Without a slash at the end: `http://127.0.0.1:8787`. */
  url: string
  /** The tenant's database. After `onRestart`, ask again: a database from before does not answer. */
  database(): Promise<D1Database>
  /** Resolves when the runtime is gone and the port is free. Calling again is harmless. */
  stop(): Promise<void>
}

/**
 * Starts a tenant, migrated and seeded. It can be reached from when this resolves, and not before.
 * @throws StartFailure when the port or the state directory cannot be used
 */
export async function startTenant({ signal, onDeath, port = 0, ...options }: TenantOptions = {}): Promise<Tenant> {
  const worker = readWorkerConfig()
  await requireFreePort(port)
  const stateDir = options.stateDir ?? (await mkdtemp(join(tmpdir(), 'identity-edge-')))
  const forget = async () => {
    if (options.stateDir === undefined) await rm(stateDir, { recursive: true, force: true })
  }
  try {
    const [script] = await Promise.all([
      bundleWorker(worker.main),
      prepareState(worker, stateDir),
      // Takes as long as the others, and does not need them.
      import('miniflare'),
    ])
    signal?.throwIfAborted()
    const runtime = await openRuntime(worker, { ...options, stateDir, port, script })
    const stop = watchRuntime(runtime, onDeath)
    return await serving(
      runtime,
      worker,
      async () => {
        await stop()
        await forget()
      },
      signal,
    )
  } catch (error) {
    await forget()
    throw isAddressInUse(error) ? portTaken(port) : error
  }
}

async function serving(
  runtime: Miniflare,
  worker: WorkerConfig,
  stop: () => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<Tenant> {
  try {
    const url = await runtime.unsafeGetDirectURL()
    signal?.throwIfAborted()
    return { url: url.origin, database: () => runtime.getD1Database(worker.database.binding), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Miniflare restarts a workerd that dies; that a restart failed shows only in `ready`. Returns the tenant's `stop`. */
function watchRuntime(runtime: Miniflare, onDeath: TenantOptions['onDeath']): () => Promise<void> {
  let stopped: Promise<void> | undefined
  let dead = false
  const timer = setInterval(() => runtime.ready.catch(die), WATCH_INTERVAL_MS).unref()
  function die(error: unknown): void {
    clearInterval(timer)
    if (stopped === undefined && !dead) {
      dead = true
      onDeath?.(error)
    }
  }
  return () => {
    clearInterval(timer)
    stopped ??= runtime.dispose()
    return stopped
  }
}

/** Asked first, so that a start that must fail has not touched the data of the tenant that runs there. */
async function requireFreePort(port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error) => {
      const unusable = new StartFailure(`port ${port} on ${HOST} cannot be used: ${error.message}`)
      reject(isAddressInUse(error) ? portTaken(port) : unusable)
    })
    probe.listen({ host: HOST, port, exclusive: true }, () => probe.close(() => resolve()))
  })
}

function isAddressInUse(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'EADDRINUSE' || code === 'ERR_ADDRESS_IN_USE'
}

function portTaken(port: number): StartFailure {
  return new StartFailure(`port ${port} on ${HOST} is taken; set PORT to another one`)
}
