// `identity-edge` without a command, and `npm start`: runs a local server. What only some runs need is imported by those: each file
// takes a millisecond of the start.
import { noSuch } from '../../http/nearest.ts'
import { readPort } from '../config/run-config.ts'
import { runServer } from '../local/serve.ts'
import type { Server, ServerSource } from '../runtime/server.ts'
import { readArguments } from './arguments.ts'
import { readServeConfig } from './serve-config.ts'
import { UsageError } from './usage.ts'

const OPTIONS = {
  host: { type: 'string' },
  'allowed-host': { type: 'string', multiple: true },
  port: { type: 'string' },
  state: { type: 'string' },
  seed: { type: 'string' },
  ephemeral: { type: 'boolean', default: false },
  https: { type: 'boolean', default: false },
  quiet: { type: 'boolean', short: 'q', default: false },
  'print-token': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', short: 'v', default: false },
} as const

/** What the command and `npm start` do not have in common. */
export interface ServedFrom {
  readonly source: ServerSource
  /** Where data is kept unless told otherwise. */
  readonly state: string
  version(): string
  /** A line to print when the server is ready. */
  readonly note?: string | undefined
}

/**
 * Returns the text of --help or --version; otherwise runs the server and does not return.
 * @throws UsageError for an unknown command or option, or a combination that contradicts itself
 */
export async function runServeCommand(from: ServedFrom, args: readonly string[], env: NodeJS.ProcessEnv) {
  const { values, positionals } = readArguments(args, OPTIONS)
  const [word] = positionals
  if (word !== undefined || values.help) {
    const { COMMANDS, SERVE_HELP } = await import('./help.ts')
    if (word !== undefined) throw new UsageError(noSuch('command', word, COMMANDS))
    return SERVE_HELP
  }
  if (values.version) return from.version()
  if (values.ephemeral && values.state) throw new UsageError('--state and --ephemeral exclude each other')
  const { stateDir, variables, ...config } = readServeConfig(
    {
      host: values.host,
      allowedHosts: values['allowed-host'] ?? [],
      quiet: values.quiet,
      env: { ...env, ...(values.state ? { STATE_DIR: values.state } : {}) },
    },
    from.state,
  )
  const { seed, 'print-token': printToken, quiet } = values
  const plant = seed === undefined ? undefined : await planter(seed, variables['CONTROL_TOKEN'], printToken)
  return await runServer(from.source, {
    ...config,
    port: values.port === undefined ? config.port : readPort(values.port, '--port'),
    variables,
    https: values.https || config.https,
    ...(values.ephemeral ? {} : { stateDir }),
    announcement: { control: config.control, printToken, quiet },
    onReady: async (server) =>
      [await plant?.(server), from.note].filter((line) => line !== undefined).join('\n') || undefined,
  })
}

async function planter(file: string, controlToken: string | undefined, printToken: boolean) {
  if (!controlToken) throw new UsageError('--seed needs a control plane: CONTROL_TOKEN must not be empty')
  const { plantSeed } = await import('./plant-seed.ts')
  return (server: Server) => plantSeed(server, { file, controlToken, printToken })
}
