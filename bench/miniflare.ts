// A Worker on the standard local runtime: what Miniflare, and with it `wrangler dev`, makes of D1.
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { bundleWorker } from '../src/node/build/bundle.ts'
import { readWorkerConfig, type WorkerConfig } from '../src/node/config/config.ts'
import { HOST } from '../src/node/runtime/address.ts'
import { prepareState } from '../src/node/state/prepare.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export interface MiniflareWorker {
  stateDir: string
  port: number
  /** The Worker, as one module. */
  script: string
  variables?: Record<string, string>
}

/** The tenant as a deployment runs it: every request reads D1, through D1's own binding. @returns how to end it */
export async function openDeployed(port: number, stateDir: string): Promise<() => Promise<void>> {
  const worker = readWorkerConfig()
  const variables = { LOCAL: 'true', LOG: 'off', ENCRYPTION_KEY: await prepareState(worker, stateDir) }
  return openMiniflare(worker, { stateDir, port, script: await bundleWorker(worker.main), variables })
}

/** Serves on `port` when it resolves. @returns how to end it */
export async function openMiniflare(worker: WorkerConfig, options: MiniflareWorker): Promise<() => Promise<void>> {
  const { stateDir, port, script, variables = {} } = options
  const converted = convertV4MiniflareOptions({
    name: worker.name,
    modules: true,
    script,
    compatibilityDate: worker.compatibilityDate,
    compatibilityFlags: worker.compatibilityFlags,
    d1Databases: Object.fromEntries(worker.databases.map(({ binding, id }) => [binding, id])),
    bindings: variables,
    cf: false,
    telemetry: { enabled: false },
    // Straight into workerd: Miniflare's own entry takes longer than the request.
    unsafeDirectSockets: [{ host: HOST, port }],
    resourcePersistencePath: join(stateDir, 'v3'),
  })
  // It answers a signal by leaving before its workerd is gone. Where the process answers the signal itself, as `serve`
  // does, it keeps the say.
  const before = SIGNALS.map((name) => ({ name, listeners: process.listeners(name) }))
  const runtime = new Miniflare(converted)
  for (const { name, listeners } of before.filter((signal) => signal.listeners.length > 0)) {
    for (const added of process.listeners(name)) {
      if (!listeners.includes(added)) process.off(name, added)
    }
  }
  await runtime.ready
  return () => runtime.dispose()
}
