// Ids as clients send them: their form, their comparison, and the refusal of one that names nothing.
import * as z from 'zod/mini'
import { notFound, Refusal } from './refusal.ts'

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const DIGITS = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/i

export const isGuid = (id: string) => GUID.test(id)

/** A GUID that may become the id of something new: the one of all zeros is what .NET has for none. */
export const isNewGuid = (id: string) => isGuid(id) && !/^[0-]+$/.test(id)

/**
 * A GUID in the one form in which ids are kept, whichever of .NET's forms N, D, B and P it comes in: without hyphens, with
 * them, in braces, in parentheses. Any other id as it is.
 */
export function canonicalId(id: string): string {
  if (id.length === 32) return id.replace(DIGITS, '$1-$2-$3-$4-$5')
  if (id.length !== 38) return id
  const inner = id.slice(1, -1)
  const isEnclosed = (id.startsWith('{') && id.endsWith('}')) || (id.startsWith('(') && id.endsWith(')'))
  return isEnclosed && isGuid(inner) ? inner : id
}

/** Ids are compared without regard to ASCII case, as the database compares them. */
export const sameId = (one: string, other: string) => foldId(one) === foldId(other)

/** The id with its ASCII letters in lower case: ids that count as equal are the same text then. */
export const foldId = (id: string) => id.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

/** Those of `ids` that are not among `excluded`, in any case of letters. Assumed: what is to be added and removed stays. */
export function excludeIds(ids: readonly string[], excluded: readonly string[]): string[] {
  const folded = new Set(excluded.map(foldId))
  return ids.filter((id) => !folded.has(foldId(id)))
}

/** A GUID, or an id a tenant was seeded with. */
export const Identifier = z.pipe(z.string().check(z.minLength(1)), z.transform(canonicalId))

// Assumed: the limit. An id in a path needs none: one that long is unknown.
/** The most ids of a list. Assumed. */
export const MAX_IDS = 1000

/** A list of ids. */
export const Identifiers = z
  .array(z.pipe(z.string().check(z.minLength(1), z.maxLength(256)), z.transform(canonicalId)))
  .check(z.maxLength(MAX_IDS))

/** A list of ids that may be left out or null: it is empty then. */
export const OptionalIdentifiers = z.pipe(
  z.optional(z.nullable(Identifiers)),
  z.transform((ids) => ids ?? []),
)

/** An id that may be left out: absent, null and the empty string are all null. */
export const OptionalIdentifier = z.pipe(
  z.optional(z.nullable(z.string())),
  z.transform((id) => (id ? canonicalId(id) : null)),
)

/**
 * `found`, or the refusal of the id it was looked up by, if that is unknown.
 * @param field the id's name on the wire
 * @throws Refusal {@link unknownId}
 * @example const group = known(found.group, 'groupId', groupId)
 */
export function known<Found>(found: Found, field: string, id: string): NonNullable<Found> {
  if (found === undefined || found === null) throw unknownId(field, id)
  return found
}

/**
 * The refusal of an id that is unknown: 404 for a GUID, 400 for anything else.
 * Real server: ids are GUIDs, and anything else fails model binding with this message.
 */
export function unknownId(field: string, id: string): Refusal {
  return isGuid(id) ? notFound() : new Refusal({ is: 'unknownId', field, ids: [id] })
}
