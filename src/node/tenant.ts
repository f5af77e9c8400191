// Starts and stops one tenant: the Worker on its runtime with a database that is ready. Knows nothing of command lines;
// whoever calls decides about signals, messages and exit codes.
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleWorker } from './bundle.ts'
import { readWorkerConfig, StartFailure } from './config.ts'
import { LocalD1, localD1Path } from './local-d1.ts'
import { prepareState } from './prepare.ts'
import { HOST, openRuntime, type RuntimeOptions } from './runtime.ts'
import type { Workerd } from './workerd.ts'

export interface TenantOptions extends Omit<RuntimeOptions, 'script'> {
  /** 0, the default, takes any free port. */
  port?: number
  /** Gives up a start under way; `startTenant` then rejects and leaves nothing running. */
  signal?: AbortSignal
}

export interface Tenant {
  /** Without a slash at the end: `http://127.0.0.1:8787`. */
  url: string
  /** The tenant's database, to look into. What is written here the tenant's cache does not hear of. */
  database(): Promise<D1Database>
  /** Resolves when the runtime is gone and the port is free. Calling again is harmless. */
  stop(): Promise<void>
}

/**
 * Starts a tenant, migrated and seeded. It can be reached from when this resolves, and not before.
 * @throws StartFailure when the port or the state directory cannot be used
 */
export async function startTenant({ signal, port = 0, ...options }: TenantOptions = {}): Promise<Tenant> {
  const worker = readWorkerConfig()
  await requireFreePort(port)
  const stateDir = options.stateDir ?? (await mkdtemp(join(tmpdir(), 'identity-edge-')))
  const forget = async () => {
    if (options.stateDir === undefined) await rm(stateDir, { recursive: true, force: true })
  }
  try {
    const [script, ENCRYPTION_KEY] = await Promise.all([
      bundleWorker(worker.main),
      prepareState(worker, stateDir, options.variables?.['ENCRYPTION_KEY']),
    ])
    signal?.throwIfAborted()
    const variables = { ...options.variables, ENCRYPTION_KEY }
    const runtime = await openRuntime(worker, { ...options, variables, stateDir, port, script })
    return await serving(runtime, localD1Path(stateDir, worker.database.id), forget, signal)
  } catch (error) {
    await forget()
    throw isAddressInUse(error) ? portTaken(port) : error
  }
}

async function serving(
  runtime: Workerd,
  file: string,
  forget: () => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<Tenant> {
  let database: LocalD1 | undefined
  const stop = async () => {
    await runtime.stop()
    database?.close()
    database = undefined
    await forget()
  }
  if (signal?.aborted) {
    await stop()
    signal.throwIfAborted()
  }
  return {
    url: `http://${HOST}:${runtime.port}`,
    database: async () => {
      database ??= new LocalD1(file)
      return database
    },
    stop,
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
