// Refuses unknown options before a call is sent. A mistyped option would otherwise be ignored, and the test that relies on
// it would pass for the wrong reason.
import { notKnown } from '../../http/nearest.ts'

/** The names of an interface's options, as a value. The compiler refuses a name that is missing or not in the interface. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>

/**
 * @param call the method's name, for the message: `startTenant`, `fork`
 * @throws TypeError naming the first option that is not among `known`, and the nearest that is
 */
export function requireKnown<Options extends object>(call: string, given: Options, known: OptionNames<Options>): void {
  if (typeof given !== 'object' || given === null) throw new TypeError(`${call} takes an object of options`)
  const names = Object.keys(known)
  const unknown = Object.keys(given).find((name) => !names.includes(name))
  if (unknown !== undefined) throw new TypeError(`${call}: ${notKnown('', unknown, names)}`)
}
