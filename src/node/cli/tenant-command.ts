// `identity-edge tenant …`: reads the command line of a command for the tenants of a running server, and runs it.
import { noSuch } from '../../http/nearest.ts'
import { LOCAL_CONTROL_TOKEN } from '../../secrets/local-control-token.ts'
import { ControlClient, isHttpUrl } from '../library/control-client.ts'
import { readArguments } from './arguments.ts'
import { KEY_COMMANDS } from './key-commands.ts'
import { withProgress } from './progress.ts'
import { TENANT_COMMANDS, type TenantCommand } from './tenant-commands.ts'
import { EFFECT_COMMANDS } from './tenant-effects.ts'
import { COMMON, OPTIONS, optionsHelp } from './tenant-options.ts'
import { UsageError } from './usage.ts'

const COMMANDS: Readonly<Record<string, TenantCommand>> = { ...TENANT_COMMANDS, ...EFFECT_COMMANDS, ...KEY_COMMANDS }

/** One line of help for each command. */
export const tenantCommandsHelp = Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${`tenant ${name}`.padEnd(22)} ${summary}`)
  .join('\n')

/** `tenant` alone. */
const TENANT_HELP = `Usage: identity-edge tenant <command> [options]

Commands for the tenants of a running identity-edge, local or deployed; each has its --help:

${tenantCommandsHelp}

${optionsHelp(['url', 'control-token', 'json'])}`

const helpOf = (word: string, { summary, takes }: TenantCommand) => `Usage: identity-edge tenant ${word} [options]

${summary}

${optionsHelp([...takes, 'url', 'control-token', 'json'])}`

/**
 * Runs one command and returns the text to print.
 * @throws UsageError for an unknown command, an option that the command does not take, or a value that is not valid
 * @throws ControlError when the control plane refuses the call
 */
export async function runTenantCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const asked = args.map((argument) => (argument === '-h' ? '--help' : argument))
  const { values, positionals, given } = readArguments(asked, OPTIONS)
  const [word, more] = commandIn(positionals)
  const command = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined
  if (!command && values.help && word === '') return TENANT_HELP
  if (!command) {
    const names = Object.keys(COMMANDS).map((name) => `tenant ${name}`)
    throw new UsageError(word ? noSuch('command', `tenant ${word}`, names) : 'tenant needs a command')
  }
  if (values.help) return helpOf(word, command)
  if (more.length > 0) throw new UsageError(`${more.join(' ')} means nothing to tenant ${word}`)
  const takes: readonly string[] = [...Object.keys(COMMON), ...command.takes]
  const unused = given.find((name) => !takes.includes(name))
  if (unused !== undefined) throw new UsageError(`--${unused} means nothing to tenant ${word}`)
  const url = values.url ?? (env['IDENTITY_EDGE_URL'] || 'http://127.0.0.1:8787')
  if (!isHttpUrl(url)) throw new UsageError(`--url must be a URL with http:// or https://, not ${url}`)
  const controlToken = values['control-token'] ?? (env['CONTROL_TOKEN'] || LOCAL_CONTROL_TOKEN)
  const place = { out: process.stderr, isTerminal: process.stderr.isTTY === true, isCi: Boolean(env['CI']) }
  return await withProgress(`tenant ${word}`, command.run(new ControlClient(url, controlToken), values), place)
}

/** The command that the words begin with, which has two words for keys, and those behind it. */
function commandIn([first = '', ...rest]: readonly string[]): [word: string, more: readonly string[]] {
  if (first !== 'key') return [first, rest]
  const [second = '', ...more] = rest
  return [`key ${second}`.trim(), more]
}
