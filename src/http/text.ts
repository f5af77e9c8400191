// Text that comes back as it went in.
import * as z from 'zod/mini'

/** Refuses what the database would cut or replace: NUL, and halves of characters. */
export const storable = z.refine<string>(
  (text) => typeof text === 'string' && text.isWellFormed() && !text.includes('\0'),
  'Invalid characters.',
)
