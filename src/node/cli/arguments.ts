// Parses a command line. Unknown options are refused in one line, with the nearest known one.
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { noSuch } from '../../http/nearest.ts'
import { messageOf } from '../error-details.ts'
import { UsageError } from './usage.ts'

/**
 * The values of the options, the names of those that were `given`, and the positional arguments.
 * @throws UsageError for an option that is not in `options`, naming the nearest that is, and for one without its value
 */
export function readArguments<const Options extends ParseArgsOptionsConfig>(args: readonly string[], options: Options) {
  const line = [...args]
  const { tokens } = parseArgs({ args: line, options, strict: false, allowPositionals: true, tokens: true })
  const named = tokens.filter((token) => token.kind === 'option')
  const unknown = named.find(({ name }) => !Object.hasOwn(options, name))
  if (unknown) {
    const known = Object.keys(options).map((name) => `--${name}`)
    throw new UsageError(noSuch('option', unknown.rawName, known))
  }
  try {
    const { values, positionals } = parseArgs({ args: line, options, allowPositionals: true })
    return { values, positionals, given: named.map(({ name }) => name) }
  } catch (error) {
    // Node's message goes on with advice on values that begin with a hyphen; its first line says what is wrong.
    throw new UsageError(messageOf(error).split('\n')[0])
  }
}

/**
 * Refuses all arguments, for commands that are configured by environment variables alone.
 * @throws UsageError when there is one
 */
export function refuseArguments(command: string, args: readonly string[]): void {
  const [surplus] = args
  if (surplus === undefined) return
  throw new UsageError(
    `${surplus} means nothing to ${command}: PORT, STATE_DIR and variables are set in the environment`,
  )
}
