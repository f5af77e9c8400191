// Writes workerd's configuration: the Worker, and the local D1 (d1.worker.js, d1.binding.js) on the same SQLite files that
// Miniflare and wrangler use. Miniflare is not used: importing it and starting its services takes longer than a whole
// start.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { D1_UNIQUE_KEY } from '../state/local-d1-path.ts'
import { CERTIFICATE, CERTIFICATE_KEY } from './certificate.ts'

/** A D1 database: the name of its binding in the Worker's environment, and its id. */
export interface RuntimeDatabase {
  binding: string
  id: string
}

/** The part of wrangler.toml that workerd needs. */
export interface RuntimeConfig {
  compatibilityDate: string
  compatibilityFlags: string[]
  /**
   * `[vars]`: a string, or a value that is bound as JSON. A variable of the run's environment overrides the one of its
   * name.
   */
  vars: Readonly<Record<string, unknown>>
  /** The database bound as `DB` first. */
  databases: readonly [RuntimeDatabase, ...RuntimeDatabase[]]
  /** The folder of `[assets]`, and the binding by which the Worker asks for a file in it. */
  assets?: { binding: string; directory: string }
  /** The paths of `d1.worker.js` and `d1.binding.js`. */
  d1: { worker: string; binding: string }
}

/** The local D1 is in the Worker's own isolate: each call to it would enter and leave another one. */
const MAIN = "export { default } from './worker.js'; export { Database } from './d1.worker.js'"

const D1_MODULE = 'identity-edge:d1'

/**
 * Sizes of V8's heap, in MB, that keep its pauses, and so the slowest answers, short.
 *
 * The young generation, for each of its two semi-spaces: a minor collection pauses the isolate while it copies what
 * survives, and here most objects do.
 *
 * The old generation at which the first full collection comes. workerd has V8 do all of it in one pause, and destroys the
 * API objects of all requests since the last one with it: from a heap that has grown to V8's own 33 MB that takes 100 ms,
 * and 15 ms from this one. V8 sets the later limits itself, by what it found alive.
 */
const HEAP = ['--max-semi-space-size=2', '--initial-old-space-size=8']

/**
 * When V8 compiles a function to better code: after how many calls, and how many since the last new kind of argument. V8's own
 * figures are ten times as many, more calls than most test runs make of a server.
 */
const TIERS = [
  '--no-lazy-feedback-allocation',
  '--invocation-count-for-maglev=30',
  '--minimum-invocations-after-ic-update=30',
  '--invocation-count-for-turbofan=600',
]

/** The listener of a run over https. Its key is read from the one file that has it. */
const HTTPS = `https = (options = (), tlsOptions = (keypair = (
    privateKey = embed "../${CERTIFICATE_KEY}", certificateChain = embed "../${CERTIFICATE}")))`

/** The socket's name on workerd's command line. */
export const SOCKET = 'entry'

/** What a run adds to the Worker's configuration. */
export interface Run {
  stateDir: string
  /** The Worker's JavaScript. */
  script: string
  /** The names of its variables. */
  variables: readonly string[]
  https: boolean
  /** The folder in `stateDir` for the configuration: runs at the same time have one each. */
  folder: string
}

/**
 * Writes the configuration and the modules it embeds under `stateDir`; returns its path. Of the variables only the names
 * are written: workerd reads the values from its environment, so that secrets do not stay behind in a file. It writes synchronously,
 * so that workerd is started before anything else that is to be done meanwhile.
 */
export function writeConfig(worker: RuntimeConfig, run: Run): string {
  const { stateDir, script } = run
  const folder = join(stateDir, run.folder)
  const config = join(folder, 'config.capnp')
  mkdirSync(folder, { recursive: true })
  mkdirSync(join(stateDir, 'v3/d1'), { recursive: true })
  writeFileSync(config, describe(worker, run))
  writeFileSync(join(folder, 'worker.js'), script)
  copyFileSync(worker.d1.worker, join(folder, 'd1.worker.js'))
  copyFileSync(worker.d1.binding, join(folder, 'd1.binding.js'))
  return config
}

function describe(worker: RuntimeConfig, { stateDir, variables, https }: Run): string {
  const flags = worker.compatibilityFlags.map(text).join(', ')
  const bindings = [
    ...variables.map((name) => `(name = ${text(name)}, fromEnvironment = ${text(name)})`),
    ...Object.entries(worker.vars)
      .filter(([name]) => !variables.includes(name))
      .map(([name, value]) => `(name = ${text(name)}, ${boundValue(value)})`),
    ...worker.databases.map(databaseBinding),
    ...(worker.assets ? [`(name = ${text(worker.assets.binding)}, service = "assets")`] : []),
  ]
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  v8Flags = [${[...HEAP, ...TIERS].map(text).join(', ')}],
  sockets = [(name = "${SOCKET}", ${https ? HTTPS : 'http = ()'}, service = "worker")],
  services = [
    (name = "worker", worker = (
      modules = [
        (name = "main.js", esModule = ${text(MAIN)}),
        (name = "worker.js", esModule = embed "worker.js"),
        (name = "d1.worker.js", esModule = embed "d1.worker.js"),
      ],
      compatibilityDate = ${text(worker.compatibilityDate)},
      compatibilityFlags = [${flags}],
      bindings = [${bindings.join(',\n      ')}],
      durableObjectNamespaces = [(className = "Database", uniqueKey = ${text(D1_UNIQUE_KEY)}, enableSql = true)],
      durableObjectStorage = (localDisk = "d1-storage"),
    )),
    ${worker.assets ? `(name = "assets", disk = (path = ${text(worker.assets.directory)})),` : ''}
    (name = "d1-storage", disk = (path = ${text(join(stateDir, 'v3/d1'))}, writable = true)),
  ],
  extensions = [(modules = [(name = "${D1_MODULE}", internal = true, esModule = embed "d1.binding.js")])],
);
`
}

const databaseBinding = ({ binding, id }: RuntimeDatabase) =>
  `(name = ${text(binding)}, wrapped = (moduleName = "${D1_MODULE}", innerBindings = [
        (name = "DATABASES", durableObjectNamespace = "Database"),
        (name = "ID", text = ${text(id)}),
      ]))`

/** A binding of a value of `[vars]`, as wrangler makes it: a string as text, anything else as JSON. */
const boundValue = (value: unknown) =>
  typeof value === 'string' ? `text = ${text(value)}` : `json = ${text(JSON.stringify(value))}`

/**
 * A string literal of Cap'n Proto. All bytes but printable ASCII are escaped, so that a path or id cannot end the literal.
 */
function text(value: string): string {
  const escaped = Array.from(Buffer.from(value), (byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c
      ? `\\x${byte.toString(16).padStart(2, '0')}`
      : String.fromCharCode(byte),
  )
  return `"${escaped.join('')}"`
}
