// The options of every command that calls a control plane.
import { LOCAL_CONTROL_TOKEN } from '../../secrets/local-control-token.ts'
import { ControlClient } from '../library/control-client.ts'
import { UsageError } from './usage.ts'

export const COMMON_OPTIONS = {
  url: { type: 'string' },
  'control-token': { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

interface Given {
  readonly url?: string | undefined
  readonly 'control-token'?: string | undefined
}

/** The control plane that the options or the environment name, called with the control token or a key. */
export function controlFor(values: Given, env: NodeJS.ProcessEnv): ControlClient {
  const url = values.url ?? (env['IDENTITY_EDGE_URL'] || 'http://127.0.0.1:8787')
  if (!URL.canParse(url)) throw new UsageError(`--url must be a URL, not ${url}`)
  return new ControlClient(url, values['control-token'] ?? (env['CONTROL_TOKEN'] || LOCAL_CONTROL_TOKEN))
}

/** @throws UsageError for what is no whole number */
export function parseWhole(option: string, text: string | undefined, unit = ''): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new UsageError(`--${option} must be a whole number${unit}, not ${text}`)
  return Number(text)
}
