// Options that a call of the library takes. Others are refused before anything is asked of the control plane: one that is
// mistyped would change nothing, and the test that relies on it would pass for the wrong reason.
import { notKnown } from '../../http/nearest.ts'

/** The names of all options of a kind. The compiler holds them to the interface: none is missing, none is another. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>

/**
 * @param call what was called, as the user wrote it: `startTenant`, `tenant.fork`
 * @throws TypeError naming the first option that is not among `known`, and the nearest that is
 */
export function requireKnown<Options extends object>(call: string, given: Options, known: OptionNames<Options>): void {
  if (typeof given !== 'object' || given === null) throw new TypeError(`${call} takes an object of options`)
  const names = Object.keys(known)
  const unknown = Object.keys(given).find((name) => !names.includes(name))
  if (unknown !== undefined) throw new TypeError(`${call}: ${notKnown('', unknown, names)}`)
}
