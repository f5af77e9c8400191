// Whole numbers among query parameters.
import * as z from 'zod/mini'

/** A whole number in these bounds, or `otherwise` where the parameter is left out. */
export const queryNumber = (minimum: number, maximum: number, otherwise: number) =>
  z.pipe(
    z._default(z.string().check(z.regex(/^\d{1,12}$/, 'The value is not valid.')), String(otherwise)),
    z.pipe(z.transform(Number), z.int().check(z.minimum(minimum), z.maximum(maximum))),
  )
