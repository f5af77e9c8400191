// `identity-edge tenant key …`: makes, lists and revokes keys of teams.
import { noSuch } from '../../http/nearest.ts'
import type { ControlClient } from '../library/control-client.ts'
import type { MadeKey, TeamKey } from '../library/wire.ts'
import { readArguments } from './arguments.ts'
import { COMMON_OPTIONS, controlFor, parseWhole } from './control-options.ts'
import { UsageError } from './usage.ts'

const OPTIONS = {
  ...COMMON_OPTIONS,
  team: { type: 'string' },
  tenants: { type: 'string' },
  rows: { type: 'string' },
  ttl: { type: 'string' },
  expires: { type: 'string' },
  id: { type: 'string' },
} as const

type Values = ReturnType<typeof readArguments<typeof OPTIONS>>['values']

interface Command {
  /** The options it takes beside those of every command. */
  readonly takes: readonly (keyof typeof OPTIONS)[]
  run(control: ControlClient, values: Values): Promise<string>
}

const COMMANDS: Readonly<Record<string, Command>> = {
  create: {
    takes: ['team', 'tenants', 'rows', 'ttl', 'expires'],
    run: async (control, values) => {
      const { team, json } = values
      if (!team) throw new UsageError('this command needs --team TEAM')
      const limits = {
        tenants: parseWhole('tenants', values.tenants),
        rows: parseWhole('rows', values.rows),
        ttl: parseWhole('ttl', values.ttl, ' of seconds'),
      }
      const expiresIn = parseWhole('expires', values.expires, ' of seconds')
      const made = await control.call<MadeKey>('POST', '/keys', { body: { team, expiresIn, limits } })
      return json ? JSON.stringify(made, undefined, 2) : `key      ${made.key}\n${formatKey(made)}`
    },
  },

  list: {
    takes: [],
    run: async (control, { json }) => {
      const { results } = await control.call<{ results: TeamKey[] }>('GET', '/keys')
      return json ? JSON.stringify(results, undefined, 2) : results.map(formatKey).join('\n\n')
    },
  },

  revoke: {
    takes: ['id'],
    run: async (control, { id, json }) => {
      if (!id) throw new UsageError('this command needs --id ID, as tenant key list has it')
      await control.call('DELETE', `/keys/${encodeURIComponent(id)}`)
      return json ? JSON.stringify({ id }) : `${id} is revoked, with the keys of the tenants that it made`
    },
  },
}

/**
 * Runs one command and returns the text to print.
 * @throws UsageError for an unknown command, an option that the command does not take, or a value that is not valid
 * @throws ControlError when the control plane refuses the call
 */
export async function runKeyCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { values, positionals, given } = readArguments(args, OPTIONS)
  const [word = '', ...more] = positionals
  const command = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined
  if (!command) {
    const names = Object.keys(COMMANDS).map((name) => `tenant key ${name}`)
    throw new UsageError(word ? noSuch('command', `tenant key ${word}`, names) : 'tenant key needs a command')
  }
  if (more.length > 0) throw new UsageError(`${more.join(' ')} means nothing to tenant key ${word}`)
  const takes: readonly string[] = [...Object.keys(COMMON_OPTIONS), ...command.takes]
  const unused = given.find((name) => !takes.includes(name))
  if (unused !== undefined) throw new UsageError(`--${unused} means nothing to tenant key ${word}`)
  return await command.run(controlFor(values, env), values)
}

const formatKey = ({ id, team, expiresAt, limits, usage }: TeamKey) =>
  [
    `id       ${id}`,
    `team     ${team}`,
    `expires  ${expiresAt ?? 'never'}`,
    `tenants  ${usage.tenants} of ${limits.tenants}, for ${limits.ttl} s at most`,
    `rows     ${usage.rows}, ${limits.rows} a tenant at most, ${limits.rowsAtOnce} a request`,
    `requests ${usage.requests}`,
  ].join('\n')
