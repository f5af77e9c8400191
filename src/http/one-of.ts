// An enumeration on the wire whose refusal suggests what was meant.
import * as z from 'zod/mini'
import { noSuch } from './nearest.ts'

/**
 * One of `names`, as they are written.
 * @param what they name, for the refusal: `there is no kind dorp; did you mean drop?`
 * @param more goes on from there, in a sentence of its own
 */
export const oneOf = <const Name extends string>(what: string, names: readonly Name[], more?: string) =>
  z.enum(names, { error: ({ input }) => [noSuch(what, input, names), more].filter(Boolean).join(' ') })
