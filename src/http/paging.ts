// Pages of a list: what a client asks for and what it gets.
import * as z from 'zod/mini'

/** Real server: the largest of its integers. */
const MAX_INT = 2_147_483_647

const notValid = ({ input }: { input?: unknown }) => `The value '${input}' is not valid.`

/** A number as an integer of the framework's is written: with a sign or white space, and no larger than it can hold. */
const isInteger = (text: string) => /^\s*[+-]?\d+\s*$/.test(text) && Math.abs(Number(text)) <= MAX_INT

/**
 * A whole number in a query string, within `minimum` and `maximum`; what is left out or empty is `otherwise`.
 * Real server: the text of a number out of range is RangeAttribute's, of anything else that of its model binding.
 */
const count = (name: string, minimum: number, maximum: number, otherwise: number) =>
  z.pipe(
    z._default(
      z.string().check(
        z.refine((text) => text === '' || isInteger(text), { error: notValid, abort: true }),
        z.refine((text) => text === '' || (Number(text) >= minimum && Number(text) <= maximum), {
          error: `The field ${name} must be between ${minimum} and ${maximum}.`,
        }),
      ),
      String(otherwise),
    ),
    z.transform((text) => (text === '' ? otherwise : Number(text))),
  )

/** Parameters of a page. Real server: 10 by default, 1,000 at most; the range of `skip` (documented). */
export const page = {
  top: count('top', 0, 1000, 10),
  skip: count('skip', 0, MAX_INT, 0),
}

/** In the order of the wire's numbers. */
const ORDERS = ['asc', 'desc'] as const

const orderOf = (text: string) => {
  const asked = text.trim().toLowerCase()
  return ORDERS.find((name, number) => asked === name || (/^[+-]?\d+$/.test(asked) && Number(asked) === number))
}

/** Real server: an enumeration, by name in any case or by number. Assumed: without one, ascending. */
export const sortOrder = z.pipe(
  z.optional(z.string().check(z.refine((text) => text === '' || orderOf(text) !== undefined, { error: notValid }))),
  z.transform((text) => orderOf(text ?? '') ?? 'asc'),
)

/**
 * The field to sort by, one of `fields` in any case and in their spelling; undefined for none.
 * Real server: there is a list of what is accepted (observed). Assumed: anything else is refused, by every list.
 */
export const sortBy = <const Field extends string>(fields: readonly Field[]) => {
  const find = (asked: string) => fields.find((field) => field.toLowerCase() === asked.trim().toLowerCase())
  return z.pipe(
    z.optional(z.string().check(z.refine((text) => text === '' || find(text) !== undefined, { error: notValid }))),
    z.transform((text) => find(text ?? '')),
  )
}

/** Parameters of a page of a list that can be searched and sorted by one of `fields`. */
export const searchablePage = <const Field extends string>(fields: readonly Field[]) => ({
  ...page,
  searchTerm: z.optional(z.string()),
  sortBy: sortBy(fields),
  sortOrder,
})

/** What a paged list answers with. `totalCount` counts what the filter lets through, on all pages. */
export const pageOf = <Item extends z.ZodMiniType>(item: Item) =>
  z.object({ totalCount: z.int(), results: z.array(item) })
