// workerd as a tenant needs it: one Worker and its database, leaving nothing behind.
import { Workerd } from './workerd.ts'
import { type RuntimeConfig, SOCKET, writeConfig } from './workerd-config.ts'

export const HOST = '127.0.0.1'

export interface RuntimeOptions {
  /** As wrangler's `--persist-to`; without it the data goes with the runtime. */
  stateDir?: string
  /** The Worker, as one module. */
  script: string
  /** Where the Worker can be reached from outside. 0, the default, takes any free port. */
  port?: number
  /** What the Worker gets beside its database, such as `ISSUER`. */
  variables?: Record<string, string>
  /** Whether this process may end while the runtime runs, taking it along. It may not unless told. */
  unref?: boolean
  /** workerd died and runs again, on the same port with the same data. */
  onRestart?: () => void
  /** workerd died and could not be started again: the tenant will not answer any more. */
  onDeath?: (error: unknown) => void
}

/** Starts a runtime on the database in `stateDir`; it serves when this resolves. */
export async function openRuntime(
  worker: RuntimeConfig,
  options: RuntimeOptions & { stateDir: string },
): Promise<Workerd> {
  const { stateDir, script, port = 0, unref = false, onRestart, onDeath } = options
  const variables = { LOCAL: 'true', ...options.variables }
  return Workerd.start({
    config: await writeConfig(worker, stateDir, script, Object.keys(variables)),
    socket: SOCKET,
    host: HOST,
    port,
    unref,
    env: variables,
    onRestart: () => onRestart?.(),
    onDeath: (error) => onDeath?.(error),
  })
}
