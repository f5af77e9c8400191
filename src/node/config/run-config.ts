// What the environment says about one run of the server: its port, its state directory and the Worker's variables.
import { resolve } from 'node:path'
import { LOCAL_CONTROL_TOKEN } from '../../secrets/local-control-token.ts'
import { StartFailure } from '../start-failure.ts'
import { variablesIn } from './variables.ts'

/** Port 0 takes any free one. */
export interface RunConfig {
  port: number
  stateDir: string
  /** Whether it speaks https. */
  https: boolean
  variables: Record<string, string>
}

/**
 * Reads PORT (8787 by default), HTTPS (`true`), STATE_DIR (`defaultState` by default; relative to the working directory), the Worker's
 * variables, and CONTROL_TOKEN (`local-control` by default; an empty one switches the control plane off).
 * @throws StartFailure when PORT is not a whole number from 0 to 65535
 */
export function readRunConfig(env: NodeJS.ProcessEnv, defaultState: string): RunConfig {
  const given: NodeJS.ProcessEnv = { CONTROL_TOKEN: LOCAL_CONTROL_TOKEN, ...env }
  return {
    port: readPort(env['PORT'] || '8787', 'PORT'),
    https: env['HTTPS'] === 'true',
    stateDir: resolve(env['STATE_DIR'] || defaultState),
    variables: variablesIn(given),
  }
}

/**
 * @param source the variable or option the port was given in, for the message
 * @throws StartFailure when it is not a whole number from 0 to 65535
 */
export function readPort(port: string, source: string): number {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
    throw new StartFailure(`${source} must be a whole number from 0 to 65535, not ${JSON.stringify(port)}`)
  }
  return Number(port)
}
