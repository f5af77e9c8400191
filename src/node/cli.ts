#!/usr/bin/env node
// The command `identity-edge`. Decides which part answers, and what an error is to the shell.
import { ControlError } from './client/control-client.ts'
import { runServeCommand } from './command/serve-command.ts'
import { runTenantCommand } from './command/tenant-command.ts'
import { UsageError } from './command/usage.ts'
import { codeOf, messageOf } from './error-details.ts'
import { packed } from './packed.ts'
import { StartFailure } from './start-failure.ts'

const [first, ...rest] = process.argv.slice(2)

try {
  const asksHelp = rest.includes('--help') || rest.includes('-h')
  const said =
    first === 'tenant' && !asksHelp
      ? await runTenantCommand(rest, process.env)
      : await runServeCommand(packed, asksHelp ? ['--help'] : process.argv.slice(2), process.env)
  if (said) console.log(said)
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
  // Where a name has several addresses, Node tells what became of each and nothing in general.
  return code === 'ECONNREFUSED' ? 'nothing runs there; see --url' : messageOf(error) || String(code)
}
