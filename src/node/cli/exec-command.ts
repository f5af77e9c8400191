// `identity-edge exec -- pytest`: runs a command with a server beside it, whose address is in the command's environment.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { readPort } from '../config/run-config.ts'
import { codeOf, messageOf } from '../error-details.ts'
import { startTestTenant } from '../library/start-test-tenant.ts'
import type { TestTenant } from '../library/test-tenant.ts'
import type { ServerSource } from '../runtime/server.ts'
import { StartFailure } from '../start-failure.ts'
import { readArguments } from './arguments.ts'
import { UsageError } from './usage.ts'

const OPTIONS = {
  seed: { type: 'string' },
  name: { type: 'string' },
  port: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const HELP = `Usage: identity-edge exec [options] -- <command> [arguments]

Starts a server with a tenant, runs the command, and stops the server. The exit status is the command's.

  --seed FILE            the tenant's first state
  --name NAME            the organization's name in URLs; made up unless told
  --port PORT            any free one unless told

The command finds in its environment:

  UIPATH_URL                   the organization and a tenant: http://127.0.0.1:PORT/NAME/DefaultTenant
  UIPATH_SERVICE_URL_IDENTITY  the identity service: http://127.0.0.1:PORT/NAME/identity_
  UIPATH_ORGANIZATION_ID       the partitionGlobalId of calls
  UIPATH_CLIENT_ID             a client with all scopes
  UIPATH_CLIENT_SECRET
  IDENTITY_EDGE_URL            the server, for \`identity-edge tenant\` and the control plane
  IDENTITY_EDGE_TENANT         the tenant's name
  CONTROL_TOKEN                opens the control plane`

/** Returns the text of --help, or the exit status of the command once it has ended. */
export async function runExecCommand(source: ServerSource, args: readonly string[], env: NodeJS.ProcessEnv) {
  const end = args.indexOf('--')
  const { values, positionals } = readArguments(end < 0 ? args : args.slice(0, end), OPTIONS)
  if (values.help) return HELP
  const [program, ...rest] = end < 0 ? [] : args.slice(end + 1)
  if (program === undefined || positionals.length > 0) {
    throw new UsageError('exec needs a command behind --, as in identity-edge exec -- pytest')
  }
  const { seed, name, port } = values
  const tenant = await startTestTenant(source, { seed, name, port: port ? readPort(port, '--port') : 0 })
  try {
    return await run(program, rest, { ...env, ...environmentOf(tenant) })
  } finally {
    await tenant.stop()
  }
}

/** What a command needs to know of its tenant, under the names that UiPath's SDKs read. */
function environmentOf({ id, name, url, clients, connection }: TestTenant): Record<string, string> {
  const [client] = clients
  return {
    UIPATH_URL: `${url}/DefaultTenant`,
    UIPATH_SERVICE_URL_IDENTITY: `${url}/identity_`,
    UIPATH_ORGANIZATION_ID: id,
    ...(client && { UIPATH_CLIENT_ID: client.id, UIPATH_CLIENT_SECRET: client.secret }),
    IDENTITY_EDGE_URL: connection.url,
    IDENTITY_EDGE_TENANT: name,
    CONTROL_TOKEN: connection.controlToken,
  }
}

/** The exit status of a program, or 128 and the number of the signal that ended it, as a shell has it. */
function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const shell = process.platform === 'win32'
  const child = spawn(program, args, { stdio: 'inherit', env, shell })
  const forward = (signal: NodeJS.Signals) => {
    // Ctrl-C reaches all processes of the terminal by itself; a second one would cut off the command's own cleaning up.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of signals) process.on(name, forward)
  return new Promise<number>((resolve, reject) => {
    child.once('error', (error) => {
      const reason = codeOf(error) === 'ENOENT' ? 'there is no such command' : messageOf(error)
      reject(new StartFailure(`${program} could not be run: ${reason}`))
    })
    child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 128 + constants.signals[signal])))
  }).finally(() => {
    for (const name of signals) process.off(name, forward)
  })
}
