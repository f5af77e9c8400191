// Miniflare as a tenant needs it: one Worker and its database on one workerd, calling nobody, leaving nothing behind.
import { join } from 'node:path'
import type { Miniflare, MiniflareOptions, V4MiniflareOptions } from 'miniflare'
import type { WorkerConfig } from './config.ts'
import { guardRuntimes } from './orphan-guard.ts'

export const HOST = '127.0.0.1'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export interface RuntimeOptions {
  /** As wrangler's `--persist-to`; without it the data goes with the runtime. */
  stateDir?: string
  /** The Worker, as one module. */
  script: string
  /** Where the Worker can be reached from outside. Without it: nowhere. */
  port?: number
  /** What the Worker gets beside its database, such as `ISSUER`. An empty `EMBEDDED` switches its cache off. */
  variables?: Record<string, string>
  /** workerd died and runs again, on the same port with the same data. */
  onRestart?: () => void
}

/** Starts a runtime; it is ready when its `ready` resolves. */
export async function openRuntime(worker: WorkerConfig, options: RuntimeOptions): Promise<Miniflare> {
  const { Miniflare } = await import('miniflare')
  const converted = await convert(worker, options)
  guardRuntimes()
  // Miniflare answers a signal by leaving at once with status 128 + n, before its workerd is gone. Where the process
  // already answers the signal itself, it keeps the say.
  const before = SIGNALS.map((name) => ({ name, listeners: process.listeners(name) }))
  const runtime = new Miniflare(converted)
  for (const { name, listeners } of before.filter((signal) => signal.listeners.length > 0)) {
    for (const added of process.listeners(name).filter((listener) => !listeners.includes(listener))) {
      process.off(name, added)
    }
  }
  return runtime
}

async function convert(worker: WorkerConfig, options: RuntimeOptions): Promise<MiniflareOptions> {
  const { convertV4MiniflareOptions } = await import('miniflare')
  const { stateDir, script, port, variables, onRestart } = options
  const known: V4MiniflareOptions = {
    name: worker.name,
    modules: true,
    script,
    compatibilityDate: worker.compatibilityDate,
    compatibilityFlags: worker.compatibilityFlags,
    d1Databases: { [worker.database.binding]: worker.database.id },
    // One workerd runs one isolate of the Worker, and nobody else writes to its database.
    bindings: { EMBEDDED: 'true', ...variables },
    // No request metadata from Cloudflare, no usage reports.
    cf: false,
    telemetry: { enabled: false },
    unsafeHandleRuntimeRestart: () => onRestart?.(),
    // Straight into workerd: Miniflare's own entry takes four times as long for a request.
    unsafeDirectSockets: port === undefined ? [] : [{ host: HOST, port }],
    // wrangler keeps its data under this version of its layout, and names the file after the database's id.
    ...(stateDir !== undefined && { resourcePersistencePath: join(stateDir, 'v3') }),
  }
  return convertV4MiniflareOptions(known)
}
