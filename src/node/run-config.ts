// What the environment says about one run of the tenant: where it listens, where it keeps its data, what the Worker gets.
import { resolve } from 'node:path'
import { LOCAL_CONTROL_TOKEN } from '../secrets/local-control-token.ts'
import { StartFailure } from './start-failure.ts'
import { variablesIn } from './variables.ts'

/** `port` 0 takes any free port. */
export interface RunConfig {
  port: number
  stateDir: string
  variables: Record<string, string>
}

/**
 * Reads PORT (8787 unless told), STATE_DIR (`defaultState` unless told; a relative one counts from the working directory),
 * the Worker's variables (its own unless told) and CONTROL_TOKEN (the local one unless told; an empty one leaves
 * the control plane off).
 * @throws StartFailure when PORT is not a whole number from 0 to 65535
 */
export function readRunConfig(env: NodeJS.ProcessEnv, defaultState: string): RunConfig {
  const given: NodeJS.ProcessEnv = { CONTROL_TOKEN: LOCAL_CONTROL_TOKEN, ...env }
  return {
    port: readPort(env['PORT'] || '8787', 'PORT'),
    stateDir: resolve(env['STATE_DIR'] || defaultState),
    variables: variablesIn(given),
  }
}

/** @throws StartFailure when it is not a whole number from 0 to 65535, naming `source` */
export function readPort(port: string, source: string): number {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
    throw new StartFailure(`${source} must be a whole number from 0 to 65535, not ${JSON.stringify(port)}`)
  }
  return Number(port)
}
