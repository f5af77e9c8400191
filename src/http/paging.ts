// Pages of a list: what a client asks for and what it gets.
import * as z from 'zod/mini'

/** A whole number in a query string, within `minimum` and `maximum`; what is left out is `otherwise`. */
const count = (minimum: number, maximum: number, otherwise: number) =>
  z.pipe(
    z._default(z.string().check(z.regex(/^ *[+-]?\d{1,9} *$/, 'The value is not valid.')), String(otherwise)),
    z.pipe(z.transform(Number), z.int().check(z.minimum(minimum), z.maximum(maximum))),
  )

/** Parameters of a page. Real server: 10 by default, 1,000 at most. */
export const page = {
  top: count(0, 1000, 10),
  skip: count(0, 999_999_999, 0),
}

/** Parameters of a page of a list that can be searched and sorted. */
export const searchablePage = {
  ...page,
  searchTerm: z.optional(z.string()),
  sortBy: z.optional(z.string()),
  sortOrder: z.pipe(
    z.optional(z.string()),
    z.transform((order) => (order?.toLowerCase() === 'desc' ? ('desc' as const) : ('asc' as const))),
  ),
}

/** What a paged list answers with. `totalCount` counts what the filter lets through, on all pages. */
export const pageOf = <Item extends z.ZodMiniType>(item: Item) =>
  z.object({ totalCount: z.int(), results: z.array(item) })
