#!/usr/bin/env node
// The command `identity-edge`: runs the server, or another command, and turns errors into one line and an exit status.
import { codeOf, messageOf } from '../error-details.ts'
import { ControlError } from '../library/control-client.ts'
import { packed, readManifest } from '../local/packed.ts'
import { StartFailure } from '../start-failure.ts'
import { runExecCommand } from './exec-command.ts'
import { runInitCommand } from './init-command.ts'
import { runServeCommand } from './serve-command.ts'
import { runTenantCommand } from './tenant-command.ts'
import { UsageError } from './usage.ts'

const SERVED = { source: packed, state: '.identity-edge', version: () => readManifest().version }

/** What a command has to say, or the exit status it ends with. */
async function run([first, ...rest]: readonly string[]): Promise<string | number> {
  if (first === 'exec') return await runExecCommand(packed, rest, process.env)
  if (first === 'init') return await runInitCommand(rest)
  if (first === 'tenant') return await runTenantCommand(rest, process.env)
  return await runServeCommand(SERVED, process.argv.slice(2), process.env)
}

try {
  const said = await run(process.argv.slice(2))
  if (typeof said === 'number') process.exitCode = said
  else if (said) console.log(said)
} catch (error) {
  process.exitCode = error instanceof UsageError ? 2 : 1
  console.error(`identity-edge: ${explain(error)}`)
}

function explain(error: unknown): string {
  if (error instanceof UsageError)
    return `${error.message}${/[.?]$/.test(error.message) ? '' : '.'} See identity-edge --help.`
  if (error instanceof ControlError && error.status === 401) return 'the control token is wrong; see --control-token'
  if (error instanceof ControlError || error instanceof StartFailure) return error.message
  return describe(error)
}

function describe(error: unknown): string {
  const code = codeOf(error)
  // For a host name with several addresses Node throws an AggregateError, whose message is empty.
  return code === 'ECONNREFUSED' ? 'nothing runs there; see --url' : messageOf(error) || String(code)
}
