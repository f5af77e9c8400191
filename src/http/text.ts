// Text that D1 stores unchanged.
import * as z from 'zod/mini'

/** Refuses a text with NUL, at which the database would cut it, or with half of a surrogate pair, which it would replace. */
export const storable = z.refine<string>(
  (text) => typeof text === 'string' && text.isWellFormed() && !text.includes('\0'),
  'Invalid characters.',
)
