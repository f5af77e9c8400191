// `identity-edge` without a command: runs a local server.
import { readFileSync } from 'node:fs'
import { noSuch } from '../../http/nearest.ts'
import { readPort, readRunConfig } from '../config/run-config.ts'
import { messageOf } from '../error-details.ts'
import { ControlClient } from '../library/control-client.ts'
import { readManifest } from '../local/packed.ts'
import { runServer, type ServeOptions } from '../local/serve.ts'
import type { Server, ServerSource } from '../runtime/server.ts'
import { StartFailure } from '../start-failure.ts'
import { readArguments } from './arguments.ts'
import { ensureSeededTenant, formatTenant } from './tenant-command.ts'
import { USAGE, UsageError } from './usage.ts'

const OPTIONS = {
  port: { type: 'string' },
  state: { type: 'string' },
  seed: { type: 'string' },
  ephemeral: { type: 'boolean', default: false },
  https: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', short: 'v', default: false },
} as const

const STATE = '.identity-edge'

/**
 * Returns the text of --help or --version; otherwise runs the server and does not return.
 * @throws UsageError for an unknown command or option, or a combination that contradicts itself
 */
export async function runServeCommand(
  source: ServerSource,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const { values, positionals } = readArguments(args, OPTIONS)
  const [word] = positionals
  if (word !== undefined) throw new UsageError(noSuch('command', word, ['tenant']))
  if (values.help) return USAGE
  if (values.version) return readManifest().version
  if (values.ephemeral && values.state) throw new UsageError('--state and --ephemeral exclude each other')
  const { port, stateDir, https, variables } = readRunConfig(
    { ...env, ...(values.state ? { STATE_DIR: values.state } : {}) },
    STATE,
  )
  const options: ServeOptions = {
    port: values.port === undefined ? port : readPort(values.port, '--port'),
    variables,
    https: values.https || https,
    ...(values.ephemeral ? {} : { stateDir }),
    ...(values.seed ? { onReady: plantWhenReady(values.seed, variables['CONTROL_TOKEN']) } : {}),
  }
  return await runServer(source, options)
}

function plantWhenReady(file: string, controlToken: string | undefined): (server: Server) => Promise<string> {
  if (!controlToken) throw new UsageError('--seed needs a control plane: CONTROL_TOKEN must not be empty')
  return async ({ url, certificate }) => {
    const control = new ControlClient(url, controlToken, certificate && readFileSync(certificate, 'utf8'))
    try {
      const { description } = await ensureSeededTenant(control, file)
      return `\n${formatTenant(description)}`
    } catch (error) {
      throw new StartFailure(`${file} could not be planted: ${messageOf(error)}`)
    }
  }
}
