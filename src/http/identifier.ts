// Ids as clients send them. Whether one is known is the database's to say.
import * as z from 'zod/mini'
import { invalidValue, notFound, type Refusal } from './refusal.ts'

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export const isGuid = (id: string) => GUID.test(id)

/** A GUID that may become the id of something new: the one of all zeros is what .NET has for none. */
export const isNewGuid = (id: string) => isGuid(id) && !/^[0-]+$/.test(id)

/** Ids are compared without regard to ASCII case, as the database compares them. */
export const sameId = (one: string, other: string) => foldId(one) === foldId(other)

/** One spelling for all ids that are the same. */
export const foldId = (id: string) => id.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

/** Those of `ids` that are not among `others`. */
export function without(ids: readonly string[], others: readonly string[]): string[] {
  const excluded = new Set(others.map(foldId))
  return ids.filter((id) => !excluded.has(foldId(id)))
}

/** A GUID, or an id a tenant was seeded with. */
export const Identifier = z.string().check(z.minLength(1))

// Assumed: the limit. An id in a path needs none: one that long is unknown.
/** A list of ids. */
export const Identifiers = z.array(Identifier.check(z.maxLength(256)))

/** A list of ids that may be left out or null: it is empty then. */
export const OptionalIdentifiers = z.pipe(
  z.optional(z.nullable(Identifiers)),
  z.transform((ids) => ids ?? []),
)

/** An id that may be left out: absent, null and the empty string are all null. */
export const OptionalIdentifier = z.pipe(
  z.optional(z.nullable(z.string())),
  z.transform((id) => id || null),
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
  return isGuid(id) ? notFound() : invalidValue(field, id)
}
