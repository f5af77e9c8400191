// Ids as clients send them. Whether one is known is the database's to say.
import * as z from 'zod/mini'
import { invalidValue, notFound, type Refusal } from './refusal.ts'

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export const isGuid = (id: string) => GUID.test(id)

/** Ids are compared without regard to ASCII case, as the database compares them. */
export const sameId = (one: string, other: string) => foldId(one) === foldId(other)

/** One spelling for all ids that are the same. */
export const foldId = (id: string) => id.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

/** A GUID, or an id a tenant was seeded with. */
export const Identifier = z.string().check(z.minLength(1))

/** An id that may be left out: absent, null and the empty string are all null. */
export const OptionalIdentifier = z.pipe(
  z.optional(z.nullable(z.string())),
  z.transform((id) => id || null),
)

/**
 * The refusal for an id nothing is known by: 404 for a GUID, 400 for anything else.
 * Real server: ids are GUIDs, and anything else fails model binding with this message.
 */
export function unknownId(field: string, id: string): Refusal {
  return isGuid(id) ? notFound() : invalidValue(field, id)
}
