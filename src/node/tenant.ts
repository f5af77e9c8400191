// Starts and stops one tenant: the Worker on its runtime with a database that is ready. Knows nothing of command lines;
// whoever calls decides about signals, messages and exit codes.
import { createServer } from 'node:net'
import { codeOf } from './error-details.ts'
import { HOST, openRuntime, type RuntimeOptions } from './runtime.ts'
import { StartFailure } from './start-failure.ts'
import { makeTemporaryDirectory, removeTemporaryDirectory } from './temporary-directory.ts'
import type { Workerd } from './workerd.ts'
import type { RuntimeConfig } from './workerd-config.ts'

/** Where a tenant's Worker and database come from: the repository, or what was built from it. */
export interface TenantSource {
  config(): RuntimeConfig
  /** The Worker, as one module. */
  script(): Promise<string>
  /**
   * Makes the database in `stateDir` ready to be served from, and returns the key its secrets are sealed under:
   * `encryptionKey`, or the directory's own.
   * @throws StartFailure when that cannot be done
   */
  prepare(stateDir: string, encryptionKey: string | undefined): Promise<string>
}

export interface TenantOptions extends Omit<RuntimeOptions, 'script'> {
  /** 0, the default, takes any free port. */
  port?: number
  /** Gives up a start under way; `openTenant` then rejects and leaves nothing running. */
  signal?: AbortSignal
}

export interface Tenant {
  /** Without a slash at the end: `http://127.0.0.1:8787`. */
  url: string
  /** Resolves when the runtime is gone and the port is free. Calling again is harmless. */
  stop(): Promise<void>
}

/**
 * Starts a tenant, migrated and seeded. It can be reached from when this resolves, and not before.
 * @throws StartFailure when the port or the state directory cannot be used
 */
export async function openTenant(
  source: TenantSource,
  { signal, port = 0, ...options }: TenantOptions = {},
): Promise<Tenant> {
  await requireFreePort(port)
  const stateDir = options.stateDir ?? (await makeTemporaryDirectory())
  const forget = async () => {
    if (options.stateDir === undefined) await removeTemporaryDirectory(stateDir)
  }
  try {
    const [script, ENCRYPTION_KEY] = await Promise.all([
      source.script(),
      source.prepare(stateDir, options.variables?.['ENCRYPTION_KEY']),
    ])
    signal?.throwIfAborted()
    const variables = { ...options.variables, ENCRYPTION_KEY }
    const runtime = await openRuntime(source.config(), { ...options, variables, stateDir, port, script })
    return await serving(runtime, forget, signal)
  } catch (error) {
    await forget()
    throw isAddressInUse(error) ? portTaken(port) : error
  }
}

async function serving(
  runtime: Workerd,
  forget: () => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<Tenant> {
  const stop = async () => {
    await runtime.stop()
    await forget()
  }
  if (signal?.aborted) {
    await stop()
    signal.throwIfAborted()
  }
  return { url: `http://${HOST}:${runtime.port}`, stop }
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
  const code = codeOf(error)
  return code === 'EADDRINUSE' || code === 'ERR_ADDRESS_IN_USE'
}

function portTaken(port: number): StartFailure {
  return new StartFailure(`port ${port} on ${HOST} is taken; set PORT to another one`)
}
