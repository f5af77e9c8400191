// What options and environment say about one run of the server as a command.
import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { type RunConfig, readRunConfig } from '../config/run-config.ts'
import { ANNOUNCING, type Announcement } from '../local/announce.ts'
import { requestLog } from '../local/request-log.ts'
import { HOST, hostsAt, isExposed } from '../runtime/address.ts'
import { UsageError } from './usage.ts'

export interface ServeRequest {
  readonly host: string | undefined
  readonly allowedHosts: readonly string[]
  readonly quiet: boolean
  readonly env: NodeJS.ProcessEnv
}

export interface ServeConfig extends RunConfig {
  readonly host: string
  readonly onLine: ((line: string) => void) | undefined
  /** The control plane, if there is one, with its token unless its user chose it. */
  readonly control: Announcement['control']
}

/** @throws UsageError for a `--host` that is no address, or an `--allowed-host` that is no name */
export function readServeConfig({ host, allowedHosts, quiet, env }: ServeRequest, state: string): ServeConfig {
  const address = readHost(host)
  const given = env['CONTROL_TOKEN']
  // A token that everybody knows would let everybody in who reaches the address.
  const made = isExposed(address) && given === undefined ? randomBytes(24).toString('base64url') : undefined
  const config = readRunConfig({ ...env, ...(made ? { CONTROL_TOKEN: made } : {}) }, state)
  const token = config.variables['CONTROL_TOKEN']
  const hosts = [config.variables['ALLOWED_HOSTS'], ...hostsAt(address), ...allowedHosts.map(readName)]
  const listed = hosts.filter((name) => name !== undefined).join(',')
  const logs = env['LOG'] || quiet ? undefined : logTo(process.stdout, env)
  return {
    ...config,
    host: address,
    variables: {
      ...config.variables,
      ...(listed ? { ALLOWED_HOSTS: listed } : {}),
      ...(logs ? { LOG: 'json' } : {}),
    },
    onLine: logs,
    control: token ? { token: given ? undefined : token } : undefined,
  }
}

/** Requests are logged at a terminal and in CI; a program that reads the output would not expect them. */
function logTo(out: NodeJS.WriteStream, env: NodeJS.ProcessEnv) {
  if (!out.isTTY && !env['CI']) return undefined
  return requestLog({ colour: out.isTTY && !env['NO_COLOR'], unless: ANNOUNCING, out })
}

function readHost(host: string | undefined): string {
  if (host === undefined || host === 'localhost') return HOST
  if (isIP(host) === 0) throw new UsageError(`--host must be an IP address, such as 0.0.0.0, not ${host}`)
  return host
}

/** A port or a scheme would make a name that no request has. */
function readName(name: string): string {
  const valid = /^[\w-]+(?:\.[\w-]+)*$/.test(name)
  if (!valid) throw new UsageError(`--allowed-host must be a name without scheme and port, not ${name}`)
  return name
}
