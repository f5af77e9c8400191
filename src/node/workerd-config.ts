// What workerd is told to run: the Worker, and a D1 wired from Miniflare's own parts as Miniflare wires it, on the same
// files. Nothing else of Miniflare, whose import and services take longer to start than all of this.
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { D1_UNIQUE_KEY } from './local-d1-path.ts'

/** What the runtime has to know of a Worker. */
export interface RuntimeConfig {
  compatibilityDate: string
  compatibilityFlags: string[]
  database: { binding: string; id: string }
  /** The folder with Miniflare's `PARTS`. */
  parts: string
}

/** The socket's name on workerd's command line. */
export const SOCKET = 'entry'

// File by the name it gets beside the configuration, which can embed only what lies beside it.
export const PARTS = {
  'd1-entry.js': 'd1/entry.worker.js',
  'd1-database.js': 'd1/database.worker.js',
  'shared.js': 'shared/index.worker.js',
  'zod.js': 'shared/zod.worker.js',
}

/**
 * Writes the configuration and what it embeds under `stateDir`; returns its path. The variables' values are not in
 * it: workerd takes them from its environment, where they do not outlive it.
 */
export async function writeConfig(
  worker: RuntimeConfig,
  stateDir: string,
  script: string,
  variables: readonly string[],
): Promise<string> {
  const folder = join(stateDir, 'runtime')
  const config = join(folder, 'config.capnp')
  await Promise.all([mkdir(folder, { recursive: true }), mkdir(join(stateDir, 'v3/d1'), { recursive: true })])
  await Promise.all([
    writeFile(config, describe(worker, stateDir, variables)),
    writeFile(join(folder, 'worker.js'), script),
    ...Object.entries(PARTS).map(([name, part]) => copyFile(join(worker.parts, part), join(folder, name))),
  ])
  return config
}

function describe(worker: RuntimeConfig, stateDir: string, variables: readonly string[]): string {
  const { binding, id } = worker.database
  const flags = worker.compatibilityFlags.map(text).join(', ')
  const environment = variables.map((name) => `(name = ${text(name)}, fromEnvironment = ${text(name)})`)
  const database = `(name = ${text(binding)}, wrapped = (moduleName = "cloudflare-internal:d1-api", innerBindings = [
        (name = "fetcher", service = (name = "d1", props = (json = ${text(JSON.stringify({ MINIFLARE_NAMESPACE: id }))})))
      ]))`
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  sockets = [(name = "${SOCKET}", http = (), service = "worker")],
  services = [
    (name = "worker", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = ${text(worker.compatibilityDate)},
      compatibilityFlags = [${flags}],
      bindings = [${[...environment, database].join(',\n      ')}],
    )),
    (name = "d1", worker = (
      modules = [(name = "entry.worker.js", esModule = embed "d1-entry.js")],
      compatibilityDate = "2023-07-24",
      compatibilityFlags = ["enhanced_error_serialization"],
      bindings = [(name = "MINIFLARE_OBJECT",
        durableObjectNamespace = (serviceName = "d1-database", className = "D1DatabaseObject"))],
    )),
    (name = "d1-database", worker = (
      modules = [(name = "database.worker.js", esModule = embed "d1-database.js")],
      compatibilityDate = "2023-07-24",
      compatibilityFlags = ["nodejs_compat", "experimental"],
      durableObjectNamespaces = [(className = "D1DatabaseObject", uniqueKey = ${text(D1_UNIQUE_KEY)})],
      durableObjectStorage = (localDisk = "d1-storage"),
    )),
    (name = "d1-storage", disk = (path = ${text(join(stateDir, 'v3/d1'))}, writable = true)),
  ],
  extensions = [
    (modules = [(name = "miniflare:shared", esModule = embed "shared.js")]),
    (modules = [(name = "miniflare:zod", esModule = embed "zod.js")]),
  ],
);
`
}

/** A text of Cap'n Proto's language, whatever is in it. */
function text(value: string): string {
  const escaped = Array.from(Buffer.from(value), (byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c
      ? `\\x${byte.toString(16).padStart(2, '0')}`
      : String.fromCharCode(byte),
  )
  return `"${escaped.join('')}"`
}
