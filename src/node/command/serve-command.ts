// `identity-edge` itself: serves a local tenant.

import { noSuch } from '../../http/nearest.ts'
import { ControlClient } from '../client/control-client.ts'
import { messageOf } from '../error-details.ts'
import { readManifest } from '../packed.ts'
import { readPort, readRunConfig } from '../run-config.ts'
import { type ServeOptions, serveTenant } from '../serve.ts'
import { StartFailure } from '../start-failure.ts'
import type { TenantSource } from '../tenant.ts'
import { readArguments } from './arguments.ts'
import { plantFile, say } from './tenant-command.ts'
import { USAGE, UsageError } from './usage.ts'

const OPTIONS = {
  port: { type: 'string' },
  state: { type: 'string' },
  seed: { type: 'string' },
  ephemeral: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', short: 'v', default: false },
} as const

const STATE = '.identity-edge'

/** Prints what was asked for, or serves and does not return. */
export async function runServeCommand(
  source: TenantSource,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const { values, positionals } = readArguments(args, OPTIONS)
  const [word] = positionals
  if (word !== undefined) throw new UsageError(noSuch('command', word, ['tenant']))
  if (values.help) return USAGE
  if (values.version) return readManifest().version
  if (values.ephemeral && values.state) throw new UsageError('--state and --ephemeral exclude each other')
  const { port, stateDir, variables } = readRunConfig(
    { ...env, ...(values.state ? { STATE_DIR: values.state } : {}) },
    STATE,
  )
  const options: ServeOptions = {
    port: values.port === undefined ? port : readPort(values.port, '--port'),
    variables,
    ...(values.ephemeral ? {} : { stateDir }),
    ...(values.seed ? { onReady: planting(values.seed, variables['CONTROL_TOKEN']) } : {}),
  }
  return await serveTenant(source, options)
}

function planting(file: string, controlToken: string | undefined): (url: string) => Promise<string> {
  if (!controlToken) throw new UsageError('--seed needs a control plane: CONTROL_TOKEN must not be empty')
  return async (url) => {
    try {
      const { description } = await plantFile(new ControlClient(url, controlToken), file)
      return `\n${say(description)}`
    } catch (error) {
      throw new StartFailure(`${file} could not be planted: ${messageOf(error)}`)
    }
  }
}
