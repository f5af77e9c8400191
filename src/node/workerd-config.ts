// What workerd is told to run: the Worker, and a D1 of our own on the files that Miniflare and wrangler use. Nothing of
// Miniflare itself, whose import and services take longer to start than all of this.
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { D1_UNIQUE_KEY } from './local-d1-path.ts'

/** A D1 database, and the name it is bound under. */
export interface RuntimeDatabase {
  binding: string
  id: string
}

/** What the runtime has to know of a Worker. */
export interface RuntimeConfig {
  compatibilityDate: string
  compatibilityFlags: string[]
  /** `[vars]`: a string, or a value that is handed over as JSON. A variable of the run goes before one of the same name. */
  vars: Readonly<Record<string, unknown>>
  /** The main one first. */
  databases: readonly [RuntimeDatabase, ...RuntimeDatabase[]]
  /** The files of the local D1: `d1.worker.js` and `d1.binding.js`. */
  d1: { worker: string; binding: string }
}

const D1_MODULE = 'identity-edge:d1'

/**
 * Of the requests an isolate has answered, most of what V8 kept outlives its young generation, and a collection waits for
 * all of it to be copied. The smaller that generation (in MB, of each half), the shorter nobody is answered.
 */
const V8_FLAGS = ['--max-semi-space-size=2']

/** The socket's name on workerd's command line. */
export const SOCKET = 'entry'

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
    copyFile(worker.d1.worker, join(folder, 'd1.worker.js')),
    copyFile(worker.d1.binding, join(folder, 'd1.binding.js')),
  ])
  return config
}

function describe(worker: RuntimeConfig, stateDir: string, variables: readonly string[]): string {
  const flags = worker.compatibilityFlags.map(text).join(', ')
  const bindings = [
    ...variables.map((name) => `(name = ${text(name)}, fromEnvironment = ${text(name)})`),
    ...Object.entries(worker.vars)
      .filter(([name]) => !variables.includes(name))
      .map(([name, value]) => `(name = ${text(name)}, ${boundValue(value)})`),
    ...worker.databases.map(databaseBinding),
  ]
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  v8Flags = [${V8_FLAGS.map(text).join(', ')}],
  sockets = [(name = "${SOCKET}", http = (), service = "worker")],
  services = [
    (name = "worker", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = ${text(worker.compatibilityDate)},
      compatibilityFlags = [${flags}],
      bindings = [${bindings.join(',\n      ')}],
    )),
    (name = "d1", worker = (
      modules = [(name = "d1.worker.js", esModule = embed "d1.worker.js")],
      compatibilityDate = ${text(worker.compatibilityDate)},
      durableObjectNamespaces = [(className = "Database", uniqueKey = ${text(D1_UNIQUE_KEY)}, enableSql = true)],
      durableObjectStorage = (localDisk = "d1-storage"),
    )),
    (name = "d1-storage", disk = (path = ${text(join(stateDir, 'v3/d1'))}, writable = true)),
  ],
  extensions = [(modules = [(name = "${D1_MODULE}", internal = true, esModule = embed "d1.binding.js")])],
);
`
}

const databaseBinding = ({ binding, id }: RuntimeDatabase) =>
  `(name = ${text(binding)}, wrapped = (moduleName = "${D1_MODULE}", innerBindings = [
        (name = "DATABASES", durableObjectNamespace = (className = "Database", serviceName = "d1")),
        (name = "ID", text = ${text(id)}),
      ]))`

/** As wrangler binds what `[vars]` says. */
const boundValue = (value: unknown) =>
  typeof value === 'string' ? `text = ${text(value)}` : `json = ${text(JSON.stringify(value))}`

/** A text of Cap'n Proto's language, whatever is in it. */
function text(value: string): string {
  const escaped = Array.from(Buffer.from(value), (byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c
      ? `\\x${byte.toString(16).padStart(2, '0')}`
      : String.fromCharCode(byte),
  )
  return `"${escaped.join('')}"`
}
