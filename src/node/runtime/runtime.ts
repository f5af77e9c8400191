// workerd with one Worker and its local D1 databases.
import { bracketed, HOST } from './address.ts'
import { isInMemory } from './memory-disk.ts'
import { Workerd } from './workerd.ts'
import { type RuntimeConfig, SOCKET, writeConfig } from './workerd-config.ts'

export interface RuntimeOptions {
  /**
   * The directory of the databases, laid out as by wrangler's `--persist-to`. Without one, a temporary directory is used.
   */
  stateDir?: string
  /** The Worker's JavaScript, bundled into one ES module. */
  script: string
  /** The TCP port the Worker listens on. 0, the default, takes any free one. */
  port?: number
  /** Whether it speaks https, by the certificate in the state directory (certificate.ts). */
  https?: boolean
  /** The IP address the Worker listens on. 127.0.0.1 by default. */
  host?: string
  /** The Worker's variables and secrets, by name, such as `ISSUER`. */
  variables?: Record<string, string>
  /**
   * True lets this process end while workerd runs, and ends workerd with it. False, the default, keeps the process alive.
   */
  unref?: boolean
  /** Takes each line that workerd writes to its standard output. By default they go to this process's own. */
  onLine?: ((line: string) => void) | undefined
  /** A descriptor that workerd inherits: what it stands for, such as a lock, lasts as long as workerd runs. */
  inherited?: number | undefined
  /** The folder in the state directory for workerd's configuration. */
  folder?: string
  /** What the request has to carry that lets the others in: until it comes, they wait. Without one none wait. */
  startToken?: string
  /** Called when workerd crashed and was started again, on the same port and data. */
  onRestart?: () => void
  /** Called when workerd crashed and could not be started again: from then on no request is answered. */
  onDeath?: (error: unknown) => void
}

/** Starts workerd on the databases in `stateDir`; it accepts connections when this resolves. */
export async function openRuntime(
  worker: RuntimeConfig,
  options: RuntimeOptions & { stateDir: string },
): Promise<Workerd> {
  const {
    stateDir,
    script,
    host = HOST,
    port = 0,
    https = false,
    unref = false,
    inherited,
    startToken,
    folder = 'runtime',
    onLine,
    onRestart,
    onDeath,
  } = options
  const variables = { LOCAL: 'true', ...options.variables }
  const names = [...Object.keys(variables), ...(startToken ? ['START_TOKEN'] : [])]
  return Workerd.start({
    config: writeConfig(worker, { stateDir, script, variables: names, https, folder }),
    socket: SOCKET,
    host: bracketed(host),
    port,
    unref,
    inherited,
    // SQLite writes what a transaction may have to take back to temporary files. They are where the data is, if that is in memory.
    env: { ...variables, ...(isInMemory(stateDir) ? { SQLITE_TMPDIR: stateDir } : {}) },
    // Not when it is started again: the database is ready then.
    firstEnv: startToken ? { START_TOKEN: startToken } : {},
    onLine,
    onRestart: () => onRestart?.(),
    onDeath: (error) => onDeath?.(error),
  })
}
