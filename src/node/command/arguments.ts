// Reads a command line, and refuses in one line what it does not know.
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { noSuch } from '../../http/nearest.ts'
import { messageOf } from '../error-details.ts'
import { UsageError } from './usage.ts'

/**
 * The options, which of them were `given`, and the other arguments of a command line.
 * @throws UsageError for an option that is not among `options`, with the nearest that is, and for one that lacks its value
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
    // The lines after the first tell how to write a value that looks like an option.
    throw new UsageError(messageOf(error).split('\n')[0])
  }
}

/**
 * For commands that the environment tells everything.
 * @throws UsageError for a command line that has anything on it
 */
export function refuseArguments(command: string, args: readonly string[]): void {
  const [surplus] = args
  if (surplus === undefined) return
  throw new UsageError(
    `${surplus} means nothing to ${command}: PORT, STATE_DIR and variables are set in the environment`,
  )
}
